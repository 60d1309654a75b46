/// A text of which some values are known by name, and which keeps every other value as it is.
///
///     if flow.direction == .outbound { … }
///     let direction: FlowDirection = "sideways"  // what a later release of the service may say
public protocol OpenText: RawRepresentable<String>, Codable, Sendable, Hashable,
    ExpressibleByStringLiteral, CustomStringConvertible
{
    init(rawValue: String)
}

extension OpenText {
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
}

/// The addresses that requests go to.
public struct Routes: OpenText {
    /// The overview's, or the per-endpoint pages' where the service says that it has no such route.
    /// The default.
    public static let auto = Routes(rawValue: "auto")
    /// Those of the service's overview page.
    public static let overview = Routes(rawValue: "overview")
    /// Those of the per-endpoint pages.
    public static let published = Routes(rawValue: "published")

    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// A value that may also come, or be given, as text: an id in place of an object, for example.
public enum TextOr<Value: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    case text(String)
    case value(Value)

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .value(try container.decode(Value.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .value(let value): try container.encode(value)
        }
    }
}

extension TextOr: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = .text(value) }
}

extension TextOr<AgentReference> {
    /// The agent's id, whichever way it came.
    public var id: String {
        switch self {
        case .text(let id): id
        case .value(let agent): agent.id
        }
    }
}
