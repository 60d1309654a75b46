/// A call that did not succeed: the only error that this module throws.
///
/// Look at ``sent`` before you repeat what rings a phone.
public struct TrilletError: Error, Sendable, Hashable {
    /// Whether the service can have acted on the request.
    public struct Sent: OpenText {
        /// It certainly did not.
        public static let no = Sent(rawValue: "no")
        /// The request was written, but no conclusive answer came.
        public static let maybe = Sent(rawValue: "maybe")
        /// It answered with a success whose content could not be used.
        public static let yes = Sent(rawValue: "yes")

        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// The kind of error, for example ``Kind/notFound``.
    public var type: Kind
    /// The HTTP status, or 0 when no HTTP answer came.
    public var status: Int
    /// What went wrong, in one sentence.
    public var message: String
    /// More of the service's words, if it gave any.
    public var details: String?
    /// A code for programs: the service's, or the library's, such as `queue_full`.
    public var code: String?
    /// The request field or the option that is at fault.
    public var field: String?
    /// The byte at which JSON or UTF-8 text is ill-formed.
    public var offset: Int?
    public var sent: Sent
    /// What shows whether the service acted, when a call or a batch may have begun.
    public var lookFor: String?
    /// What ``Calls/find(_:settle:deadline:options:)`` needs to know, when a call may have begun.
    public var find: JSONValue?
    /// Whether the same call may succeed later.
    public var isRetryable: Bool
    /// How long the service asks to wait.
    public var retryAfter: Duration?
    /// The service's answer: JSON, or its text as a string.
    public var body: JSONValue?
    public var meta: CallMeta

    public init(
        type: Kind,
        status: Int = 0,
        message: String,
        details: String? = nil,
        code: String? = nil,
        field: String? = nil,
        offset: Int? = nil,
        sent: Sent,
        lookFor: String? = nil,
        find: JSONValue? = nil,
        isRetryable: Bool = false,
        retryAfter: Duration? = nil,
        body: JSONValue? = nil,
        meta: CallMeta = CallMeta()
    ) {
        self.type = type
        self.status = status
        self.message = message
        self.details = details
        self.code = code
        self.field = field
        self.offset = offset
        self.sent = sent
        self.lookFor = lookFor
        self.find = find
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
        self.body = body
        self.meta = meta
    }
}

extension TrilletError: CustomStringConvertible {
    /// One line for a log: operation, status, message, details, and what to do.
    public var description: String {
        var text = [meta.operation, status == 0 ? nil : "HTTP \(status)", message]
            .compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
        if let details, !text.contains(details) { text += ": \(details)" }
        let particulars = [
            field.map { "field \($0)" }, code.map { "code \($0)" },
            meta.attempts > 1 ? "attempts \(meta.attempts)" : nil,
            meta.requestId.map { "request id \($0)" },
        ].compactMap(\.self)
        text += " [\((["\(type)", "sent \(sent)"] + particulars).joined(separator: ", "))]"
        if let retryAfter { text += " The service asks to wait \(retryAfter)." }
        if sent != .no, let lookFor { text += " \(lookFor)" }
        return text
    }
}

extension TrilletError: Decodable {
    private enum Keys: String, CodingKey {
        case type, message, details, code, field, offset, sent, lookFor, find, retryable
        case retryAfterMs, body
    }

    /// Reads the `error` of an answer, without status and meta.
    public init(from decoder: any Decoder) throws {
        let error = try decoder.container(keyedBy: Keys.self)
        self.init(
            type: try error.decode(Kind.self, forKey: .type),
            message: try error.decode(String.self, forKey: .message),
            details: try error.decodeIfPresent(String.self, forKey: .details),
            code: try error.decodeIfPresent(String.self, forKey: .code),
            field: try error.decodeIfPresent(String.self, forKey: .field),
            offset: try error.decodeIfPresent(Int.self, forKey: .offset),
            sent: try error.decodeIfPresent(Sent.self, forKey: .sent) ?? .maybe,
            lookFor: try error.decodeIfPresent(String.self, forKey: .lookFor),
            find: try error.decodeIfPresent(JSONValue.self, forKey: .find),
            isRetryable: try error.decodeIfPresent(Bool.self, forKey: .retryable) ?? false,
            retryAfter: try error.decodeIfPresent(Double.self, forKey: .retryAfterMs)
                .map { .milliseconds($0) },
            body: try error.decodeIfPresent(JSONValue.self, forKey: .body)
        )
    }
}
