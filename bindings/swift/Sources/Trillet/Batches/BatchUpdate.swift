/// How a batch stands, in the library's words.
public struct BatchState: OpenText {
    /// Its time has not come.
    public static let scheduled = BatchState(rawValue: "scheduled")
    /// No call has begun.
    public static let queued = BatchState(rawValue: "queued")
    /// Calls are made.
    public static let running = BatchState(rawValue: "running")
    /// Nothing has moved for a while; it may go on.
    public static let stuck = BatchState(rawValue: "stuck")
    /// The last look failed; the counts are of the one before.
    public static let unreachable = BatchState(rawValue: "unreachable")
    public static let completed = BatchState(rawValue: "completed")
    public static let cancelled = BatchState(rawValue: "cancelled")
    /// It has ended, and no call was completed.
    public static let failed = BatchState(rawValue: "failed")

    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// How a batch stands at one look.
public struct BatchUpdate: Codable, Sendable, Hashable {
    public var batchId: String
    public var state: BatchState
    /// The service's own word for it.
    public var status: String?
    /// Whether the service calls it complete; calls that were active may still be running.
    public var isComplete: Bool?
    /// The counts are nil before the first look that succeeded.
    public var waiting: Int?
    public var active: Int?
    public var completed: Int?
    public var failed: Int?
    public var total: Int?
    /// Since the wait began.
    public var elapsedMs: Double?
    /// How many looks failed.
    public var faults: Int?
    public var nextLookMs: Double?
    /// How many calls this run has written; of results only.
    public var written: Int?
    /// How many calls are in the file; of results only.
    public var inFile: Int?
}

/// How a batch stood in the end.
public struct BatchEnd: Codable, Sendable, Hashable {
    public var batchId: String
    public var state: BatchState
    /// The service's own word for it.
    public var status: String?
    public var isComplete: Bool?
    public var waiting: Int?
    public var active: Int?
    public var completed: Int?
    public var failed: Int?
    public var total: Int?
    /// `batch`, `progress` (which asked to stop) or `stuck`.
    public var endedBy: String?
    public var elapsedMs: Double?
    /// How often the service was asked.
    public var looks: Int?
    /// Unix milliseconds, as far as the service reports them.
    public var startTime: Double?
    public var completedTime: Double?
    public var durationMs: Double?
    /// Seconds.
    public var averageCallDuration: Double?
}

/// What results were written.
public struct ResultsEnd: Codable, Sendable, Hashable {
    public var file: String
    /// `csv` or `jsonl`.
    public var format: String
    /// How many calls this run has written.
    public var written: Int
    /// How many calls are in the file.
    public var inFile: Int
    /// How many calls the batch has.
    public var total: Int?
    /// Whether every call of the batch that was asked for is in the file.
    public var isComplete: Bool
    public var batch: BatchEnd?
}

/// Whether to go on following a batch, or calls.
public enum FollowStep: Sendable {
    case goOn
    case stop
}

/// How a batch is followed. What is nil is as the library has it by default.
public struct FollowOptions: Sendable, Encodable {
    /// How long it may take in all; without it, as long as it takes.
    public var deadline: Duration?
    /// The least time between two looks. Default: 1 s.
    public var minInterval: Duration?
    /// The longest time between two looks. Default: 30 s.
    public var maxInterval: Duration?
    /// When the batch is to start, as it was started with: until then it does not count as stuck.
    public var scheduledAt: String?
    /// How long nothing may move before the state is `stuck`. Default: 600 s.
    public var stuckAfter: Duration?
    /// Whether being stuck ends the wait. Default: false.
    public var stopWhenStuck: Bool?

    public init(
        deadline: Duration? = nil,
        minInterval: Duration? = nil,
        maxInterval: Duration? = nil,
        scheduledAt: String? = nil,
        stuckAfter: Duration? = nil,
        stopWhenStuck: Bool? = nil
    ) {
        self.deadline = deadline
        self.minInterval = minInterval
        self.maxInterval = maxInterval
        self.scheduledAt = scheduledAt
        self.stuckAfter = stuckAfter
        self.stopWhenStuck = stopWhenStuck
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = FieldWriter(encoder)
        try fields.write("deadlineMs", deadline?.wholeMilliseconds)
        try fields.write("minIntervalMs", minInterval?.wholeMilliseconds)
        try fields.write("maxIntervalMs", maxInterval?.wholeMilliseconds)
        try fields.write("scheduledAt", scheduledAt)
        try fields.write("stuckMs", stuckAfter?.wholeMilliseconds)
        try fields.write("stopWhenStuck", stopWhenStuck)
    }
}
