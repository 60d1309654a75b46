/// What a call took.
public struct CallMeta: Sendable, Hashable {
    /// The operation, for example `calls.send`.
    public var operation: String?
    /// How many times the request was sent; 0 for one that was refused here.
    public var attempts: Int
    /// From the call to its answer.
    public var elapsed: Duration
    /// The service's identifier of the request, for its support team.
    public var requestId: String?
    /// How long the request waited for its turn, if it did.
    public var queued: Duration?
    /// The attempts that failed, when there was more than one.
    public var retries: [Retry]

    /// An attempt that failed, and the pause after it.
    public struct Retry: Sendable, Hashable {
        public var type: TrilletError.Kind
        public var status: Int
        public var sent: TrilletError.Sent
        public var wait: Duration
    }

    public init(
        operation: String? = nil,
        attempts: Int = 0,
        elapsed: Duration = .zero,
        requestId: String? = nil,
        queued: Duration? = nil,
        retries: [Retry] = []
    ) {
        self.operation = operation
        self.attempts = attempts
        self.elapsed = elapsed
        self.requestId = requestId
        self.queued = queued
        self.retries = retries
    }
}

extension CallMeta: Decodable {
    private enum Keys: String, CodingKey {
        case operation, attempts, elapsedMs, requestId, queuedMs, retries
    }

    public init(from decoder: any Decoder) throws {
        let meta = try decoder.container(keyedBy: Keys.self)
        self.init(
            operation: try meta.decodeIfPresent(String.self, forKey: .operation),
            attempts: try meta.decodeIfPresent(Int.self, forKey: .attempts) ?? 0,
            elapsed: .milliseconds(try meta.decodeIfPresent(Double.self, forKey: .elapsedMs) ?? 0),
            requestId: try meta.decodeIfPresent(String.self, forKey: .requestId),
            queued: try meta.decodeIfPresent(Double.self, forKey: .queuedMs)
                .map { .milliseconds($0) },
            retries: try meta.decodeIfPresent([Retry].self, forKey: .retries) ?? []
        )
    }
}

extension CallMeta.Retry: Decodable {
    private enum Keys: String, CodingKey {
        case type, status, sent, waitMs
    }

    public init(from decoder: any Decoder) throws {
        let retry = try decoder.container(keyedBy: Keys.self)
        type = try retry.decode(TrilletError.Kind.self, forKey: .type)
        status = try retry.decodeIfPresent(Int.self, forKey: .status) ?? 0
        sent = try retry.decodeIfPresent(TrilletError.Sent.self, forKey: .sent) ?? .maybe
        wait = .milliseconds(try retry.decodeIfPresent(Double.self, forKey: .waitMs) ?? 0)
    }
}
