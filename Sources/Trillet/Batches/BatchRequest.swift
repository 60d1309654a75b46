/// What of a batch is to be followed, and how.
struct BatchRequest {
    private(set) var batchID: [UInt8] = []
    private(set) var limits = FollowLimits()
    /// When the batch is to start, on the wall clock.
    private(set) var scheduledAt: Int64?
    private(set) var stuckMilliseconds = 600_000
    private(set) var stopsWhenStuck = false

    // Of results alone.
    private(set) var file: [UInt8] = []
    private(set) var format: ResultFormat?
    private(set) var filter = ResultFilter.all
    private(set) var waits = false
    private(set) var resumes = false

    fileprivate enum Field: Int, MemberName {
        case batchId, deadlineMs, minIntervalMs, maxIntervalMs, scheduledAt, stuckMs
        case stopWhenStuck, file, format, status, wait, resume

        static var noun: MemberNoun { .field }

        var text: StaticString {
            switch self {
            case .batchId: "batchId"
            case .deadlineMs: "deadlineMs"
            case .minIntervalMs: "minIntervalMs"
            case .maxIntervalMs: "maxIntervalMs"
            case .scheduledAt: "scheduledAt"
            case .stuckMs: "stuckMs"
            case .stopWhenStuck: "stopWhenStuck"
            case .file: "file"
            case .format: "format"
            case .status: "status"
            case .wait: "wait"
            case .resume: "resume"
            }
        }

        var isOfResults: Bool { rawValue >= Field.file.rawValue }
    }

    private init(_ text: Bytes, isForResults: Bool) throws(Failure) {
        try NamedMembers.forEach(in: text) {
            (field: Field, given: NamedMember) throws(Failure) in
            guard isForResults || !field.isOfResults else {
                throw given.failure("is no field of this request")
            }
            try read(field, given)
        }
        guard !batchID.isEmpty else { throw BatchRequest.missing("batchId") }
        try limits.check()
    }

    static func toWait(_ text: Bytes) throws(Failure) -> BatchRequest {
        try BatchRequest(text, isForResults: false)
    }

    static func forResults(_ text: Bytes) throws(Failure) -> BatchRequest {
        var request = try BatchRequest(text, isForResults: true)
        guard !request.file.isEmpty else { throw missing("file") }
        if request.format == nil { request.format = try ResultFormat(ofFile: request.file) }
        return request
    }

    private static func missing(_ name: StaticString) -> Failure {
        Failure.invalidArgument("'\(name)' is missing; this request requires it", field: "\(name)")
    }

    private mutating func read(_ field: Field, _ given: NamedMember) throws(Failure) {
        switch field {
        case .batchId: batchID = try given.filledText()
        case .deadlineMs: limits.deadlineMilliseconds = try given.milliseconds(from: 0)
        case .minIntervalMs: limits.minIntervalMilliseconds = try given.milliseconds(from: 1)
        case .maxIntervalMs: limits.maxIntervalMilliseconds = try given.milliseconds(from: 1)
        case .scheduledAt:
            let text = try given.filledText()
            guard let time = text.withUnsafeBufferPointer(WallClock.milliseconds(ofISO8601:)) else {
                throw given.failure("must be a time such as 2031-04-02T09:15:00Z")
            }
            scheduledAt = time
        case .stuckMs: stuckMilliseconds = try given.milliseconds(from: 1)
        case .stopWhenStuck: stopsWhenStuck = try given.boolean()
        case .file: file = try given.filledText()
        case .format:
            guard let format = ResultFormat.named(try given.filledText()) else {
                throw given.failure("must be \"csv\" or \"jsonl\"")
            }
            self.format = format
        case .status:
            guard let filter = ResultFilter.named(try given.filledText()) else {
                throw given.failure(
                    "must be \"all\", \"completed\", \"failed\" or \"waiting\""
                )
            }
            self.filter = filter
        case .wait: waits = try given.boolean()
        case .resume: resumes = try given.boolean()
        }
    }
}

extension NamedMember {
    fileprivate func filledText() throws(Failure) -> [UInt8] {
        let decoded = try string()
        guard !decoded.isEmpty, !decoded.contains(0) else {
            throw failure("must not be empty or contain a NUL character")
        }
        return decoded
    }
}

/// How the outcomes of calls are written down.
enum ResultFormat {
    case csv
    case jsonLines

    var name: StaticString {
        switch self {
        case .csv: "csv"
        case .jsonLines: "jsonl"
        }
    }

    static func named(_ name: [UInt8]) -> ResultFormat? {
        if name.equals("csv") { return .csv }
        return name.equals("jsonl") ? .jsonLines : nil
    }

    init(ofFile path: [UInt8]) throws(Failure) {
        let format = path.withUnsafeBufferPointer { path -> ResultFormat? in
            guard let dot = path.lastOffset(of: UInt8(ascii: ".")) else { return nil }
            let ending = path.slice(dot, path.count)
            if ending.equalsIgnoringCase((".csv" as StaticString).bytes) { return .csv }
            return ending.equalsIgnoringCase((".jsonl" as StaticString).bytes) ? .jsonLines : nil
        }
        guard let format else {
            throw Failure.invalidArgument(
                "'file' does not end in .csv or .jsonl; set 'format' to \"csv\" or \"jsonl\"",
                field: "format"
            )
        }
        self = format
    }
}

/// Which calls of a batch are wanted.
enum ResultFilter {
    case all
    case completed
    case failed
    /// Never dialled.
    case waiting

    static func named(_ name: [UInt8]) -> ResultFilter? {
        if name.equals("all") { return .all }
        if name.equals("completed") { return .completed }
        if name.equals("failed") { return .failed }
        return name.equals("waiting") ? .waiting : nil
    }

    func wants(_ status: BatchCall.Status) -> Bool {
        switch self {
        case .all: true
        case .completed: status == .completed
        case .failed: status == .failed
        case .waiting: status == .undialled
        }
    }
}
