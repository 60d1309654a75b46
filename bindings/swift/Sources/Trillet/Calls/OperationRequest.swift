/// A request of an operation: its fields, and what the service answers.
public protocol OperationRequest: Codable, Sendable, Hashable {
    associatedtype Answer: Codable & Sendable

    /// The operation's id, for example `calls.send`.
    static var operation: String { get }
}

/// A request that is answered page by page.
public protocol ListRequest: OperationRequest {
    associatedtype Item: Sendable

    static func items(of page: Answer) -> [Item]
}

/// The answer to a request, with what it took.
public struct Response<Data: Sendable>: Sendable {
    /// The HTTP status.
    public var status: Int
    public var data: Data
    public var meta: CallMeta
}

extension Response: Equatable where Data: Equatable {}
