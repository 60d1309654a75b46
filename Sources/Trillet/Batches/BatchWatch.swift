/// Follows a batch: how it stands, and when it has ended.
final class BatchWatch: Watch {
    let request: BatchRequest

    /// nil until the batch has been seen for the first time.
    private(set) var state: BatchState?
    private var lastChange = MonotonicTime.now

    /// What is written besides into each progress report.
    var written: Int?
    var inFile: Int?

    static func make(
        _ client: Client,
        _ request: BatchRequest,
        options: Bytes
    ) throws(Failure) -> BatchWatch {
        let timeout = try timeout(client, options: options)
        return BatchWatch(client, request, options: options, timeoutMilliseconds: timeout)
    }

    private init(
        _ client: Client,
        _ request: BatchRequest,
        options: Bytes,
        timeoutMilliseconds: Int
    ) {
        self.request = request
        super.init(
            client,
            request.limits,
            "The batch has",
            options: options,
            timeoutMilliseconds: timeoutMilliseconds
        )
    }

    // MARK: How the batch stands

    /// Whether the batch has come to its end: calls that were active when it was cancelled too. Such
    /// a count that never falls is not waited for longer than `stuckMs`.
    var hasEnded: Bool {
        guard let state, state.isComplete else { return false }
        return state.active == 0 || hasNotMoved
    }

    var isStuck: Bool { isReachable && !hasEnded && startsIn == 0 && hasNotMoved }

    private var hasNotMoved: Bool {
        MonotonicTime.now >= lastChange.advanced(byMilliseconds: request.stuckMilliseconds)
    }

    /// Milliseconds until the batch is to start, 0 when that has passed or it runs already.
    private var startsIn: Int {
        guard let time = request.scheduledAt, let state, !state.isComplete, state.ended == 0,
            state.active == 0
        else { return 0 }
        return max(0, Int(clamping: time.subtractingReportingOverflow(WallClock.milliseconds).0))
    }

    private var phase: StaticString {
        guard isReachable, let state else { return "unreachable" }
        if hasEnded {
            if state.status.equals("cancelled") { return "cancelled" }
            return state.status.equals("failed") ? "failed" : "completed"
        }
        if startsIn > 0 { return "scheduled" }
        if hasNotMoved { return "stuck" }
        return state.status.equals("queued") ? "queued" : "running"
    }

    /// Takes in how the batch stands; false when the answer does not tell.
    func see(_ data: JSONValue?) throws(Failure) -> Bool {
        guard let data, let now = BatchState(data) else {
            try noteUnusable("The service's answer does not tell how the batch stands")
            return false
        }
        noteUsable()
        if let state, state.isSame(as: now) {
            // Waiting for its time is no standstill.
            if startsIn > 0 { lastChange = .now }
        } else {
            lastChange = .now
        }
        state = now
        return true
    }

    override func pauseAfterLook() -> Int? {
        guard let state else { return nil }
        return pace.next(
            ended: state.ended,
            remaining: state.remaining,
            startsIn: startsIn,
            requests: requests
        )
    }

    /// A request about the batch, with further members.
    func makeRequest(_ appendMembers: (inout ByteBuffer) -> Void) -> ByteBuffer {
        var text = ByteBuffer(capacity: 128)
        text.append("{\"batchId\":")
        text.append(jsonString: request.batchID)
        appendMembers(&text)
        text.append(UInt8(ascii: "}"))
        return text
    }

    // MARK: Text

    override func appendState(to text: inout ByteBuffer) {
        text.append("{\"batchId\":")
        text.append(jsonString: request.batchID)
        text.append(",\"state\":")
        text.append(jsonString: phase.bytes)
        text.append(",\"status\":")
        if let state { text.append(jsonString: state.status) } else { text.append("null") }
        text.append(state?.isComplete == true ? ",\"isComplete\":true" : ",\"isComplete\":false")
        text.append(count: "waiting", state?.waiting)
        text.append(count: "active", state?.active)
        text.append(count: "completed", state?.completed)
        text.append(count: "failed", state?.failed)
        text.append(count: "total", state?.total)
        appendCourse(to: &text)
        if let written { text.append(count: "written", written) }
        if let inFile { text.append(count: "inFile", inFile) }
    }

    /// The last state with all that is known of it.
    func appendFinalState(to text: inout ByteBuffer, _ end: End) {
        appendState(to: &text)
        text.append(",\"endedBy\":")
        text.append(jsonString: end.name.bytes)
        text.append(count: "looks", looks)
        text.append(verbatim: "startTime", state?.startTime)
        text.append(verbatim: "completedTime", state?.completedTime)
        text.append(count: "durationMs", state?.durationMilliseconds)
        text.append(verbatim: "averageCallDuration", state?.averageCallDuration)
        text.append(UInt8(ascii: "}"))
    }
}
