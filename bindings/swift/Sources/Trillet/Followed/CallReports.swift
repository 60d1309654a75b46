/// How a call stands, in the library's words.
public struct CallState: OpenText {
    /// It is not in the history yet.
    public static let notListed = CallState(rawValue: "not_listed")
    /// It is queued or dialled.
    public static let ringing = CallState(rawValue: "ringing")
    public static let talking = CallState(rawValue: "talking")
    public static let ended = CallState(rawValue: "ended")
    /// The history could be read, and has not had it for as long as was to be waited.
    public static let lost = CallState(rawValue: "lost")
    /// Several calls may be it, or the only one may be another.
    public static let ambiguous = CallState(rawValue: "ambiguous")
    /// The last look failed.
    public static let unreachable = CallState(rawValue: "unreachable")
    /// Of a list: some of its calls have not ended.
    public static let running = CallState(rawValue: "running")

    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// How a call ended: one of these, or the service's own word.
public struct CallOutcome: OpenText {
    public static let completed = CallOutcome(rawValue: "completed")
    public static let failed = CallOutcome(rawValue: "failed")
    public static let busy = CallOutcome(rawValue: "busy")
    public static let noAnswer = CallOutcome(rawValue: "no_answer")
    public static let cancelled = CallOutcome(rawValue: "cancelled")

    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// How calls stand at one look.
public struct CallsUpdate: Codable, Sendable, Hashable {
    /// Of one call its state, of a list `running` or `ended`; `unreachable` if the look failed.
    public var state: CallState
    /// The calls whose state has changed since the last report.
    public var changes: [Change]
    /// Since the wait began.
    public var elapsedMs: Double?
    /// How many looks failed.
    public var faults: Int?
    public var looks: Int?
    public var nextLookMs: Double?

    public struct Change: Codable, Sendable, Hashable {
        /// The call's place in the list that was given.
        public var index: Int
        public var state: CallState
        public var callId: String?
        public var outcome: CallOutcome?
        /// `callId`, `roomName` or `agentNumberTime`.
        public var matchedBy: String?
    }
}

/// What became of a call.
public struct CallEnd: Codable, Sendable, Hashable {
    public var state: CallState
    public var callId: String?
    public var outcome: CallOutcome?
    /// `callId`, `roomName` or `agentNumberTime`.
    public var matchedBy: String?
    /// What the service has written down of it. Of an ambiguous call it is one that may be it.
    public var record: CallSummary?
    /// Since the wait began; nil in a list, which has its own.
    public var elapsedMs: Double?
    /// How many looks failed.
    public var faults: Int?
    public var looks: Int?
    /// `calls`, or `progress` (which asked to stop).
    public var endedBy: String?
}

/// What became of the calls of a list.
public struct CallsEnd: Codable, Sendable, Hashable {
    /// `ended`, or `running` if `progress` asked to stop.
    public var state: CallState
    public var total: Int
    /// How many of the calls have ended.
    public var ended: Int
    /// In the order in which they were given.
    public var calls: [CallEnd]
    public var elapsedMs: Double?
    /// How many looks failed.
    public var faults: Int?
    public var looks: Int?
    /// `calls`, or `progress` (which asked to stop).
    public var endedBy: String?
}

/// Whether there was a call.
public struct CallFound: Codable, Sendable, Hashable {
    public var found: Answer
    /// Why it is not known: `ambiguous`, `uncovered` or `unreadable`.
    public var reason: String?
    public var state: CallState?
    public var callId: String?
    public var outcome: CallOutcome?
    public var matchedBy: String?
    public var record: CallSummary?
    public var elapsedMs: Double?
    public var faults: Int?
    public var looks: Int?

    public struct Answer: OpenText {
        /// There was one: the phone rang.
        public static let yes = Answer(rawValue: "yes")
        /// There was none. Only now is it safe to call again.
        public static let no = Answer(rawValue: "no")
        public static let unknown = Answer(rawValue: "unknown")

        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }
}

/// How calls are followed. What is nil is as the library has it by default.
public struct CallFollowOptions: Sendable, Encodable {
    /// How long it may take in all; without it, as long as it takes.
    public var deadline: Duration?
    /// The least time between two looks. Default: 1 s.
    public var minInterval: Duration?
    /// The longest time between two looks. Default: 10 s.
    public var maxInterval: Duration?
    /// How long a call may be missing from the history before it is `lost`. Default: 600 s.
    public var lostAfter: Duration?
    /// How late a call may appear in the history. Default: 30 s.
    public var settle: Duration?
    /// How long after its time a call without an id may have begun. Default: 120 s.
    public var window: Duration?

    public init(
        deadline: Duration? = nil,
        minInterval: Duration? = nil,
        maxInterval: Duration? = nil,
        lostAfter: Duration? = nil,
        settle: Duration? = nil,
        window: Duration? = nil
    ) {
        self.deadline = deadline
        self.minInterval = minInterval
        self.maxInterval = maxInterval
        self.lostAfter = lostAfter
        self.settle = settle
        self.window = window
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = FieldWriter(encoder)
        try fields.write("deadlineMs", deadline?.wholeMilliseconds)
        try fields.write("minIntervalMs", minInterval?.wholeMilliseconds)
        try fields.write("maxIntervalMs", maxInterval?.wholeMilliseconds)
        try fields.write("lostMs", lostAfter?.wholeMilliseconds)
        try fields.write("settleMs", settle?.wholeMilliseconds)
        try fields.write("windowMs", window?.wholeMilliseconds)
    }
}
