/// What is followed: how often and how long it is looked at, and which faults it survives. Subclasses
/// know how it stands.
class Watch {
    final let client: Client
    final private let limits: FollowLimits
    /// Of what the deadline's error speaks, with its verb: "The batch has".
    final private let subject: StaticString
    final private var options = ByteBuffer()
    final let started: MonotonicTime
    final private let deadline: MonotonicTime
    final private let timeoutMilliseconds: Int

    final private(set) var looks = 0
    /// Requests since the last look, it included.
    final private(set) var requests = 0
    final private(set) var attempts = 0
    /// By how much the service's clock was ahead of ours at its last answer, in milliseconds.
    final private(set) var clockLead = 0
    final private var faults = 0
    final private var faultsInRow = 0
    final private var unusableInRow = 0
    final private(set) var isReachable = true
    final private var notBefore: MonotonicTime
    final var pace: PollingPace
    /// Of the request whose error ended everything.
    final private var lastOutcome: RequestOutcome?

    /// An answer that makes no sense may be a proxy's; always the same one is the service's.
    /// docs/decisions.md, senseless-answers.
    private static let mostUnusable = 10

    /// The time that one request may take. Everything that can fail happens before there is an object.
    static func timeout(_ client: Client, options: Bytes) throws(Failure) -> Int {
        if client.isForked { throw Failure.forked }
        if client.callers.isClosed { throw Failure.closed }
        return try RequestOptions(json: options, defaults: client.requestDefaults)
            .timeoutMilliseconds
    }

    init(
        _ client: Client,
        _ limits: FollowLimits,
        _ subject: StaticString,
        options: Bytes,
        timeoutMilliseconds: Int
    ) {
        let started = MonotonicTime.now
        self.client = client
        self.limits = limits
        self.subject = subject
        self.options.append(options)
        self.timeoutMilliseconds = timeoutMilliseconds
        self.started = started
        deadline =
            limits.deadlineMilliseconds == 0
            ? .distantFuture : started.advanced(byMilliseconds: limits.deadlineMilliseconds)
        notBefore = started
        pace = PollingPace(limits, requestsPerMinute: client.options.requestsPerMinute)
    }

    // MARK: How it stands

    /// The time until the next look, after one that told how it stands; nil before any has.
    func pauseAfterLook() -> Int? { nil }

    /// How it stands, as an object without its closing brace.
    func appendState(to text: inout ByteBuffer) {}

    /// The same for a report on the way.
    func appendReport(to text: inout ByteBuffer) { appendState(to: &text) }

    /// Whether an error that ends everything says how it stood.
    var tellsStateInErrors: Bool { false }

    // MARK: Requests

    /// The next request begins a look.
    final func noteLook() {
        looks += 1
        requests = 0
    }

    /// The options of a request that is about to be made, where the deadline changes them.
    final func optionsNow() throws(Failure) -> ByteBuffer {
        let now = MonotonicTime.now
        guard now < deadline else { throw deadlineHasPassed }
        return optionsWithinDeadline(now)
    }

    final func count(_ outcome: RequestOutcome) {
        requests += 1
        attempts += outcome.attempts
        if outcome.failure == nil { clockLead = outcome.clockLead }
        if outcome.metRateLimit { pace.slowDown() }
    }

    /// Whether the request has brought an answer, which may yet be unusable; false when it failed in a
    /// way that passes.
    final func take(_ outcome: RequestOutcome) throws(Failure) -> Bool {
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

    final func noteUsable() {
        isReachable = true
        faultsInRow = 0
        unusableInRow = 0
    }

    /// An answer that could not be used: the next may be.
    final func noteUnusable(_ message: Message) throws(Failure) {
        var failure = Failure(.response, message, sent: .yes)
        failure.status = 200
        try noteUnusable(failure)
    }

    final private func noteUnusable(_ failure: Failure) throws(Failure) {
        unusableInRow += 1
        guard unusableInRow < Watch.mostUnusable else { throw failure }
        noteFault(failure)
    }

    final private func noteFault(_ failure: Failure) {
        faults += 1
        faultsInRow += 1
        isReachable = false
        if let told = failure.retryAfterMilliseconds {
            notBefore = max(notBefore, MonotonicTime.now.advanced(byMilliseconds: told))
        }
    }

    /// The options with a shorter timeout where the deadline comes first, else nothing.
    final private func optionsWithinDeadline(_ now: MonotonicTime) -> ByteBuffer {
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
    final func beginPause() -> (milliseconds: Int, end: MonotonicTime) {
        let pause = nextPause()
        let end = max(MonotonicTime.now.advanced(byMilliseconds: pause), notBefore)
        return (pause, min(end, deadline))
    }

    final private func nextPause() -> Int {
        (isReachable ? pauseAfterLook() : nil) ?? pace.afterFault(faultsInRow)
    }

    /// How things stand, for the host.
    final func report(nextLook milliseconds: Int) -> ByteBuffer {
        var text = ByteBuffer(capacity: 512)
        appendReport(to: &text)
        text.append(",\"nextLookMs\":")
        text.append(decimal: milliseconds)
        text.append(UInt8(ascii: "}"))
        return text
    }

    final private var deadlineHasPassed: Failure {
        var failure = Failure(
            .timeout,
            "\(subject) not ended within \(limits.deadlineMilliseconds) ms (deadlineMs)"
        )
        failure.isRetryable = true
        failure.report = stateNow
        return failure
    }

    final private var stateNow: [UInt8] {
        var text = ByteBuffer(capacity: 512)
        appendState(to: &text)
        text.append(UInt8(ascii: "}"))
        return Array(text.bytes)
    }

    // MARK: Text

    /// The members that every state has.
    final func appendCourse(to text: inout ByteBuffer) {
        text.append(count: "elapsedMs", elapsedMilliseconds)
        text.append(count: "faults", faults)
    }

    final private var elapsedMilliseconds: Int {
        Int((MonotonicTime.now.microseconds - started.microseconds) / 1000)
    }

    enum End {
        case batch
        case calls
        case progress
        case stuck

        var name: StaticString {
            switch self {
            case .batch: "batch"
            case .calls: "calls"
            case .progress: "progress"
            case .stuck: "stuck"
            }
        }
    }

    final func succeed(_ operation: Bytes, data: Bytes) -> FinishedRequest {
        FinishedRequest(
            Envelope(meta(operation), capacity: data.count)
                .success(status: 200, data: data, requestID: .empty)
        )
    }

    final func fail(_ operation: Bytes, _ failure: Failure) -> FinishedRequest {
        var failure = failure
        if tellsStateInErrors, failure.report == nil { failure.report = stateNow }
        let body = failure.report == nil ? lastOutcome?.errorBody : nil
        return FinishedRequest(
            Envelope(meta(operation), capacity: failure.report?.count ?? 0).failure(
                failure,
                body: body ?? .none,
                requestID: .empty,
                mask: client.mask
            )
        )
    }

    final private func meta(_ operation: Bytes) -> RequestMeta {
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

    mutating func append(verbatim name: StaticString, _ value: [UInt8]?) {
        append(memberName: name)
        if let value { append(value) } else { append("null") }
    }

    private mutating func append(memberName name: StaticString) {
        append(",\"")
        append(name)
        append("\":")
    }
}
