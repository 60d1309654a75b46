/// Follows a batch: says what to ask, rides out faults, and knows how the batch stands.
final class BatchWatch {
    let client: Client
    let request: BatchRequest
    private var options = ByteBuffer()
    private let started: MonotonicTime
    private let deadline: MonotonicTime
    private let timeoutMilliseconds: Int

    /// nil until the batch has been seen for the first time.
    private(set) var state: BatchState?
    private var lastChange: MonotonicTime
    private(set) var looks = 0
    /// Requests since the last look, it included.
    private var requests = 0
    private(set) var attempts = 0
    private var faults = 0
    private var faultsInRow = 0
    private var unusableInRow = 0
    private var isReachable = true
    private var notBefore: MonotonicTime
    private var pace: PollingPace
    /// Of the request whose error ended everything.
    private var lastOutcome: RequestOutcome?

    /// What is written besides into each progress report.
    var written: Int?
    var inFile: Int?

    /// An answer that makes no sense may be a proxy's; always the same one is the service's.
    /// docs/decisions.md, senseless-answers.
    private static let mostUnusable = 10

    /// Everything that can fail happens before there is an object.
    static func make(
        _ client: Client,
        _ request: BatchRequest,
        options: Bytes
    ) throws(Failure) -> BatchWatch {
        if client.isForked { throw Failure.forked }
        if client.callers.isClosed { throw Failure.closed }
        return BatchWatch(
            client,
            request,
            options: options,
            timeoutMilliseconds: try RequestOptions(
                json: options,
                defaults: client.requestDefaults
            )
            .timeoutMilliseconds
        )
    }

    private init(
        _ client: Client,
        _ request: BatchRequest,
        options: Bytes,
        timeoutMilliseconds: Int
    ) {
        let started = MonotonicTime.now
        self.client = client
        self.request = request
        self.options.append(options)
        self.timeoutMilliseconds = timeoutMilliseconds
        self.started = started
        deadline =
            request.deadlineMilliseconds == 0
            ? .distantFuture : started.advanced(byMilliseconds: request.deadlineMilliseconds)
        lastChange = started
        notBefore = started
        pace = PollingPace(request, requestsPerMinute: client.options.requestsPerMinute)
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

    // MARK: Requests

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

    /// The next request is a look at the batch.
    func noteLook() {
        looks += 1
        requests = 0
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

    /// The options of a request that is about to be made, where the deadline changes them.
    func optionsNow() throws(Failure) -> ByteBuffer {
        let now = MonotonicTime.now
        guard now < deadline else { throw deadlineHasPassed }
        return optionsWithinDeadline(now)
    }

    /// Whether the request has brought an answer, which may yet be unusable; false when it failed in a
    /// way that passes.
    func take(_ outcome: RequestOutcome) throws(Failure) -> Bool {
        requests += 1
        attempts += outcome.attempts
        if outcome.metRateLimit { pace.slowDown() }
        guard let failure = outcome.failure else { return true }
        if failure.kind == .closed { throw Failure.clientClosed }
        // A look that the deadline has cut says nothing of the service. Its timeout is whole
        // milliseconds, so it ends a little earlier.
        if failure.kind == .timeout, deadline <= MonotonicTime.now.advanced(byMilliseconds: 2) {
            throw deadlineHasPassed
        }
        if failure.kind == .response {
            try noteUnusable(failure)
        } else if failure.isRetryable {
            noteFault(failure)
        } else {
            lastOutcome = outcome
            throw failure
        }
        return false
    }

    func noteUsable() {
        isReachable = true
        faultsInRow = 0
        unusableInRow = 0
    }

    /// An answer that could not be used: the next may be.
    func noteUnusable(_ message: Message) throws(Failure) {
        var failure = Failure(.response, message, sent: .yes)
        failure.status = 200
        try noteUnusable(failure)
    }

    private func noteUnusable(_ failure: Failure) throws(Failure) {
        unusableInRow += 1
        guard unusableInRow < BatchWatch.mostUnusable else { throw failure }
        noteFault(failure)
    }

    private func noteFault(_ failure: Failure) {
        faults += 1
        faultsInRow += 1
        isReachable = false
        if let told = failure.retryAfterMilliseconds {
            notBefore = max(notBefore, MonotonicTime.now.advanced(byMilliseconds: told))
        }
    }

    /// The options with a shorter timeout where the deadline comes first, else nothing.
    private func optionsWithinDeadline(_ now: MonotonicTime) -> ByteBuffer {
        var text = ByteBuffer()
        guard deadline < now.advanced(byMilliseconds: timeoutMilliseconds) else { return text }
        text.append("{\"timeoutMs\":")
        text.append(decimal: max(1, deadline.millisecondsFromNow))
        let given = try? JSONScanner.check(options.bytes, allowsLoneSurrogates: false)
        given?.forEachMember { member in
            if member.name.equals("timeoutMs") { return }
            text.append(UInt8(ascii: ","))
            text.append(member.quotedName)
            text.append(UInt8(ascii: ":"))
            text.append(member.value.text)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    // MARK: Pauses and reports

    /// How long the pause is to be, and when it ends. A host that takes its time over the report has
    /// waited already.
    func beginPause() -> (milliseconds: Int, end: MonotonicTime) {
        let pause = nextPause()
        let end = max(MonotonicTime.now.advanced(byMilliseconds: pause), notBefore)
        return (pause, min(end, deadline))
    }

    private func nextPause() -> Int {
        guard isReachable, let state else { return pace.afterFault(faultsInRow) }
        return pace.next(after: state, startsIn: startsIn, requests: requests)
    }

    /// How things stand, for the host.
    func report(nextLook milliseconds: Int) -> ByteBuffer {
        var text = ByteBuffer(capacity: 512)
        appendState(to: &text)
        text.append(",\"nextLookMs\":")
        text.append(decimal: milliseconds)
        text.append(UInt8(ascii: "}"))
        return text
    }

    private var deadlineHasPassed: Failure {
        var failure = Failure(
            .timeout,
            "The batch has not ended within \(request.deadlineMilliseconds) ms (deadlineMs)"
        )
        failure.isRetryable = true
        var text = ByteBuffer(capacity: 512)
        appendState(to: &text)
        text.append(UInt8(ascii: "}"))
        failure.report = Array(text.bytes)
        return failure
    }

    // MARK: Text

    /// Without the closing brace.
    private func appendState(to text: inout ByteBuffer) {
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
        text.append(count: "elapsedMs", elapsedMilliseconds)
        text.append(count: "faults", faults)
        if let written { text.append(count: "written", written) }
        if let inFile { text.append(count: "inFile", inFile) }
    }

    private var elapsedMilliseconds: Int {
        Int((MonotonicTime.now.microseconds - started.microseconds) / 1000)
    }

    enum End {
        case batch
        case progress
        case stuck

        fileprivate var name: StaticString {
            switch self {
            case .batch: "batch"
            case .progress: "progress"
            case .stuck: "stuck"
            }
        }
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

    func succeed(_ operation: Bytes, data: Bytes) -> FinishedRequest {
        FinishedRequest(
            Envelope(meta(operation), capacity: data.count)
                .success(status: 200, data: data, requestID: .empty)
        )
    }

    func fail(_ operation: Bytes, _ failure: Failure) -> FinishedRequest {
        FinishedRequest(
            Envelope(meta(operation)).failure(
                failure,
                body: lastOutcome?.errorBody ?? .none,
                requestID: .empty,
                mask: client.mask
            )
        )
    }

    private func meta(_ operation: Bytes) -> RequestMeta {
        RequestMeta(
            operation: operation,
            started: started,
            attempts: attempts
        )
    }
}

extension ByteBuffer {
    /// A member of an object that is not its first, `null` without a value.
    mutating func append(count name: StaticString, _ value: Int?) {
        append(memberName: name)
        if let value { append(decimal: value) } else { append("null") }
    }

    fileprivate mutating func append(verbatim name: StaticString, _ value: [UInt8]?) {
        append(memberName: name)
        if let value { append(value) } else { append("null") }
    }

    private mutating func append(memberName name: StaticString) {
        append(",\"")
        append(name)
        append("\":")
    }
}
