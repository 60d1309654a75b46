/// Why a call did not give what was asked for, as the caller is told it.
struct Failure: Error, Sendable {
    var kind: FailureKind
    var message: Message
    var sent: Sent
    var isRetryable = false
    /// 0 when no HTTP answer came.
    var status = 0
    var field: Message?
    /// Bytes from the start of the caller's text.
    var offset: Int?
    var details: Message?
    var code: Message?
    var retryAfterMilliseconds: Int?
    /// What shows whether the service acted.
    var lookFor: StaticString?
    /// JSON of the library's own that says more.
    var report: [UInt8]?

    init(_ kind: FailureKind, _ message: Message, sent: Sent = .no) {
        self.kind = kind
        self.message = message
        self.sent = sent
    }

    static func invalidArgument(_ message: Message, field: Message? = nil) -> Failure {
        var failure = Failure(.invalidArgument, message)
        failure.field = field
        return failure
    }

    static func configuration(_ message: Message, field: Message? = nil) -> Failure {
        var failure = Failure(.configuration, message)
        failure.field = field
        return failure
    }

    static var outOfMemory: Failure {
        Failure(.internal, "There is not enough memory for this call")
    }
}

/// `error.type` of an answer. The list only grows.
enum FailureKind: Int, CaseIterable, Sendable {
    case invalidArgument
    case configuration
    case authentication
    case permission
    case notFound
    case conflict
    case rateLimited
    case rejected
    case server
    case timeout
    case connection
    case tls
    case cancelled
    case closed
    case forked
    case response
    case `internal`

    var name: StaticString {
        switch self {
        case .invalidArgument: "invalid_argument"
        case .configuration: "configuration"
        case .authentication: "authentication"
        case .permission: "permission"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .rateLimited: "rate_limited"
        case .rejected: "rejected"
        case .server: "server"
        case .timeout: "timeout"
        case .connection: "connection"
        case .tls: "tls"
        case .cancelled: "cancelled"
        case .closed: "closed"
        case .forked: "forked"
        case .response: "response"
        case .internal: "internal"
        }
    }
}

/// `error.sent`: whether the service can have acted on the request.
enum Sent: Int, Comparable, Sendable {
    case no
    case maybe
    case yes

    static func < (one: Sent, other: Sent) -> Bool { one.rawValue < other.rawValue }

    var name: StaticString {
        switch self {
        case .no: "no"
        case .maybe: "maybe"
        case .yes: "yes"
        }
    }
}
