import CTrillet

/// A submitted call.
///
/// It belongs to the event loop's thread from the moment it is handed over. Once it is over it may
/// be used for another call: its memory is made on one thread and given back on another, which
/// malloc is slow at.
final class Job: TurnTaker {
    enum State {
        case queued
        /// There was no room for it; its callback has yet to report that.
        case refused
        case pausing
        case running
        case ended
    }

    /// Given by the table that it is entered in.
    var id: UInt64 = 0
    private(set) var done: trillet_done_fn?
    private(set) var userData: UnsafeMutableRawPointer?
    private(set) var target = RequestTarget.raw(.empty)
    private var started = MonotonicTime.distantPast
    /// For a request of the library's own, in place of an answer.
    private(set) var outcome: RequestOutcome?
    /// What the call refers to of the host's text, which is only lent.
    private var text = ByteBuffer()
    /// For the request of the next call.
    private var block = ByteBuffer()

    /// nil when the request was refused.
    private(set) var call: PreparedRequest?
    private(set) var state = State.queued
    private(set) var answer: FinishedRequest?
    private(set) var transfer: Transfer?
    /// What its answer is one of; nil for one request alone.
    private(set) var series: Series?
    /// When its series goes on; nil where it does not pause between two requests.
    private(set) var pauseEnd: MonotonicTime?
    var turn: Turn?
    /// Since when it has waited for its turn; nil when it had it at once.
    private var waitsSince: MonotonicTime?
    /// 1 once the function that handed it over has returned, or is about to.
    private let submitFlag = SharedNumber()

    /// What a job holds on to between two calls.
    private static let keptCapacity = 4096

    init() {
    }

    func prepare(
        client: Client,
        operation: Bytes,
        request: Bytes,
        options: Bytes,
        started: MonotonicTime,
        done: trillet_done_fn?,
        userData: UnsafeMutableRawPointer?,
        outcome: RequestOutcome?
    ) {
        self.outcome = outcome
        self.done = done
        self.userData = userData
        self.started = started
        submitFlag.store(0)

        var target = RequestTarget.named(operation)
        let lent = target.lentText(
            operation: operation,
            request: request,
            isAskedTwice: client.mayAskTwice(target, options)
        )
        text.append(lent.operation)
        text.append(lent.request)
        let isKept = !text.isOutOfMemory
        if isKept, case .raw = target {
            target = .raw(text.bytes.slice(0, lent.operation.count))
        }
        let keepsRequest = isKept && lent.request.count > 0
        let request = keepsRequest ? text.bytes.slice(lent.operation.count, text.count) : request
        self.target = target
        if !isKept { return end(Failure.outOfMemory, of: client) }
        makeCall(request, options, of: client)
    }

    @_optimize(speed)
    private func makeCall(_ request: Bytes, _ options: Bytes, of client: Client) {
        var block = ByteBuffer()
        swap(&block, &self.block)
        do throws(Failure) {
            call = try PreparedRequest(
                target,
                of: client,
                request: request,
                options: options,
                started: started,
                block: block,
                outcome: outcome
            )
        } catch {
            end(error, of: client)
        }
    }

    /// Takes on to make the next answer of a series, and begins.
    func prepare(
        _ series: Series,
        of client: Client,
        done: trillet_done_fn?,
        userData: UnsafeMutableRawPointer?
    ) {
        self.series = series
        self.done = done
        self.userData = userData
        submitFlag.store(0)
        goOn(after: nil, of: client)
    }

    /// Lets go of its call, whose answer the host has.
    func becomeSpare() {
        if let taken = call?.takeBlock() { block = taken }
        call = nil
        block.removeAll(keepingAtMost: Job.keptCapacity)
        text.removeAll(keepingAtMost: Job.keptCapacity)
        target = .raw(.empty)
        answer = nil
        outcome = nil
        series = nil
        pauseEnd = nil
        turn = nil
        waitsSince = nil
        state = .queued
    }

    var operation: Int { target.index }

    /// nil when the request was refused.
    var deadline: MonotonicTime? { call?.deadline }

    /// Until when it may wait for its turn.
    var startDeadline: MonotonicTime? { call?.startDeadline }

    func endOfWait(_ failure: Failure) -> Failure { call?.endOfWait(failure) ?? failure }

    var isWaiting: Bool { state == .queued }

    var isUnderWay: Bool { state != .ended && state != .refused }

    // MARK: From state to state

    func startWaiting() { waitsSince = MonotonicTime.now }

    /// It waits no longer, whether for its turn or in vain.
    func stopWaiting() {
        guard let since = waitsSince else { return }
        let waited = MonotonicTime.now.microseconds - since.microseconds
        call?.noteTurn(waitedMicroseconds: waited)
        waitsSince = nil
    }

    /// Begins an attempt.
    @inline(__always)
    func begin(on transfer: Transfer, of client: Client) throws(Failure) {
        try call?.noteAttempt(of: client)
        try call?.begin(on: transfer)
    }

    func run(on transfer: Transfer) {
        self.transfer = transfer
        state = .running
    }

    /// The transfer has ended, and with it an attempt.
    func leaveTransfer() { transfer = nil }

    /// Waits for its next attempt.
    func pause() { state = .pausing }

    func resume() { state = .queued }

    /// There is no room for it; its callback will report that.
    func refuse() { state = .refused }

    /// Decides on an attempt that has ended.
    @_optimize(speed)
    func judge(
        _ result: CURLcode,
        from transfer: Transfer,
        of client: Client
    ) -> PreparedRequest.Verdict? {
        call?.judge(from: transfer, of: client) { () throws(Failure) in try transfer.finish(result)
        }
    }

    /// Ends the call without another attempt.
    func end(_ failure: Failure, of client: Client) {
        state = .ended
        if let finished = call?.fail(failure, of: client) {
            answer = finished
        } else {
            answer = unprepared.fail(failure, of: client)
        }
    }

    /// Ends the call for lack of room, without a text yet.
    func endRefused(by client: Client) -> RefusedRequest {
        state = .ended
        unprepared.note(RefusedRequest.failure, of: client)
        return RefusedRequest(target)
    }

    private var unprepared: UnpreparedRequest {
        UnpreparedRequest(target: target, started: started, outcome: outcome)
    }

    func end(_ finished: FinishedRequest) {
        state = .ended
        answer = finished
    }

    // MARK: From request to request

    /// Makes the next request of a series; the outcome when it was refused.
    func ask(_ series: Series, of client: Client) -> RequestOutcome? {
        if let taken = call?.takeBlock() { block = taken }
        call = nil
        block.removeAll(keepingAtMost: Job.keptCapacity)
        target = series.target
        started = .now
        outcome = RequestOutcome()
        turn = nil
        pauseEnd = nil
        state = .queued
        makeCall(series.text.bytes, series.options, of: client)
        return isUnderWay ? nil : outcome
    }

    func pause(until time: MonotonicTime) {
        pauseEnd = time
        state = .pausing
    }

    // MARK: The function that hands it over

    func submitReturns() {
        submitFlag.store(1)
    }

    var hasSubmitReturned: Bool { submitFlag.load() != 0 }
}

extension RequestTarget {
    /// The parts of the host's text that the call must have a copy of.
    fileprivate func lentText(operation: Bytes, request: Bytes, isAskedTwice: Bool) -> (
        operation: Bytes, request: Bytes
    ) {
        switch self {
        case .known: (.empty, keepsRequestText || isAskedTwice ? request : .empty)
        case .raw: (operation, .empty)
        }
    }
}

extension Client {
    /// Whether the request may have to be made once more, for the other route.
    fileprivate func mayAskTwice(_ target: RequestTarget, _ options: Bytes) -> Bool {
        (requestDefaults.routes == .auto || options.count > 0) && routes.isOpen(target)
    }
}
