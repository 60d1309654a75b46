/// Why a call failed, as the caller learns it.
///
/// One reference wide, and never inlined: it travels through every throwing function.
/// docs/decisions.md, failure-is-a-reference.
struct Failure: Error, @unchecked Sendable {
    private var storage: FailureStorage

    @inline(never)
    init(_ kind: FailureKind, _ message: Message, sent: Sent = .no) {
        storage = FailureStorage(kind: kind, message: message, sent: sent)
    }

    @inline(never)
    private mutating func own() -> FailureStorage {
        if !isKnownUniquelyReferenced(&storage) { storage = FailureStorage(storage) }
        return storage
    }

    var kind: FailureKind {
        @inline(never) get { storage.kind }
        @inline(never) set { own().kind = newValue }
    }

    var message: Message {
        @inline(never) get { storage.message }
        @inline(never) set { own().message = newValue }
    }

    var sent: Sent {
        @inline(never) get { storage.sent }
        @inline(never) set { own().sent = newValue }
    }

    var isRetryable: Bool {
        @inline(never) get { storage.isRetryable }
        @inline(never) set { own().isRetryable = newValue }
    }

    /// 0 when no HTTP answer came.
    var status: Int {
        @inline(never) get { storage.status }
        @inline(never) set { own().status = newValue }
    }

    var field: Message? {
        @inline(never) get { storage.field }
        @inline(never) set { own().field = newValue }
    }

    /// Bytes from the start of the caller's text.
    var offset: Int? {
        @inline(never) get { storage.offset }
        @inline(never) set { own().offset = newValue }
    }

    var details: Message? {
        @inline(never) get { storage.details }
        @inline(never) set { own().details = newValue }
    }

    var code: Message? {
        @inline(never) get { storage.code }
        @inline(never) set { own().code = newValue }
    }

    var retryAfterMilliseconds: Int? {
        @inline(never) get { storage.retryAfterMilliseconds }
        @inline(never) set { own().retryAfterMilliseconds = newValue }
    }

    /// What shows whether the service acted.
    var lookFor: Bytes? {
        @inline(never) get { storage.lookFor }
        @inline(never) set { own().lookFor = newValue }
    }

    /// What `calls.find` needs to know of a call that may have been made, as JSON.
    var find: [UInt8]? {
        @inline(never) get { storage.find }
        @inline(never) set { own().find = newValue }
    }

    /// JSON of the library's own that says more.
    var report: [UInt8]? {
        @inline(never) get { storage.report }
        @inline(never) set { own().report = newValue }
    }

    @inline(never)
    static func invalidArgument(_ message: Message, field: Message? = nil) -> Failure {
        var failure = Failure(.invalidArgument, message)
        failure.field = field
        return failure
    }

    @inline(never)
    static func configuration(_ message: Message, field: Message? = nil) -> Failure {
        var failure = Failure(.configuration, message)
        failure.field = field
        return failure
    }

    static var outOfMemory: Failure {
        Failure(.internal, "There is not enough memory for this call")
    }
}

private final class FailureStorage {
    var kind: FailureKind
    var message: Message
    var sent: Sent
    var isRetryable: Bool = false
    var status: Int = 0
    var field: Message?
    var offset: Int?
    var details: Message?
    var code: Message?
    var retryAfterMilliseconds: Int?
    var lookFor: Bytes?
    var find: [UInt8]?
    var report: [UInt8]?

    init(kind: FailureKind, message: Message, sent: Sent) {
        self.kind = kind
        self.message = message
        self.sent = sent
    }

    init(_ other: FailureStorage) {
        kind = other.kind
        message = other.message
        sent = other.sent
        isRetryable = other.isRetryable
        status = other.status
        field = other.field
        offset = other.offset
        details = other.details
        code = other.code
        retryAfterMilliseconds = other.retryAfterMilliseconds
        lookFor = other.lookFor
        find = other.find
        report = other.report
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
    case signature

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
        case .signature: "signature"
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
