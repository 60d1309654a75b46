import CTrillet

/// Whose turn it is to send: a limit on requests in flight and a pace, shared by all threads of a
/// client.
///
/// The event loop stands in the line with the first of its own requests.
final class Admission {
    private let lock: Lock
    private let maxInFlight: Int
    private var inFlight = 0
    private var loopInFlight = 0
    /// Since when nobody drives the event loop: what it has under way may stay there for long. nil
    /// while somebody does.
    private var loopLeft: Int64?
    /// A thread that drives in a row of short calls is not away between two of them.
    private static let loopAwayMicroseconds: Int64 = 250_000
    private var pace: Pace
    private var line: WaitingLine
    /// Threads that wait outside the line: between two attempts, and in a callback.
    private var sleeping: [Condition] = []
    private var isCancelled = false
    /// 1 when nothing is started any more, be it a request that was taken before.
    private let drainedFlag = SharedNumber()

    init?(maxInFlight: Int, requestsPerMinute: Int, operations: Int) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.maxInFlight = maxInFlight
        pace = Pace(requestsPerMinute: requestsPerMinute)
        line = WaitingLine(operations: operations)
    }

    var isDrained: Bool { drainedFlag.load() != 0 }

    /// How many requests are under way.
    var depth: Int {
        lock.acquire()
        defer { lock.release() }
        return inFlight
    }

    // MARK: Blocking requests

    /// Returns when the request may start, and reports whether it had to wait. `turn` is its place in
    /// the line, which it keeps over its attempts. With `ignoresInFlight` the line does not matter:
    /// a callback's blocking request may not wait for requests that only its own thread can end.
    @_optimize(speed)
    func enter(
        _ turn: inout Turn?,
        operation: Int,
        now: MonotonicTime,
        deadline: MonotonicTime,
        ignoresInFlight: Bool,
        hasWaited: inout Bool,
        interrupt: inout RequestInterrupt
    ) throws(Failure) {
        lock.acquire()
        defer { lock.release() }
        try refuseStart()
        try refuseHopelessWait(deadline)
        if line.hasLoop, isLoopAway(now.microseconds) { line.leaveLoop() }
        if line.isEmpty, canStart(now.microseconds) {
            start(now.microseconds)
            return
        }
        hasWaited = !ignoresInFlight || pace.earliestStart > now.microseconds
        let place = turn ?? line.nextTurn(of: operation)
        turn = place
        guard let condition = Condition() else { throw Failure.outOfMemory }
        if ignoresInFlight {
            try waitForPace(condition, deadline, &interrupt)
        } else {
            try wait(in: WaitingLine.Waiter(place, condition), deadline, &interrupt)
        }
    }

    private func wait(
        in waiter: WaitingLine.Waiter,
        _ deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) {
        line.append(waiter)
        while true {
            let now = MonotonicTime.now.microseconds
            advance(now)
            if waiter.isAdmitted { return }
            if interrupt.isInterrupted || mayNotStart || now >= deadline.microseconds {
                line.remove(waiter)
                advance(pace.now)
                throw endOfWait(interrupt)
            }
            let end = MonotonicTime(microseconds: wakeTime(of: waiter, deadline, now))
            _ = lock.wait(on: waiter.condition, until: end, &interrupt)
        }
    }

    private func wakeTime(
        of waiter: WaitingLine.Waiter,
        _ deadline: MonotonicTime,
        _ now: Int64
    ) -> Int64 {
        guard line.isFirst(waiter) else { return deadline.microseconds }
        // Where the event loop comes first, it has been woken and says when it has had its turn.
        if occupied(now) < maxInFlight, pace.earliestStart > now || !line.hasLoop {
            return min(deadline.microseconds, pace.earliestStart)
        }
        return min(deadline.microseconds, loopAway ?? deadline.microseconds)
    }

    private func waitForPace(
        _ condition: Condition,
        _ deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) {
        sleeping.append(condition)
        defer { sleeping.removeAll { $0 === condition } }
        while true {
            let now = MonotonicTime.now.microseconds
            if now >= pace.earliestStart, !mayNotStart { return start(now) }
            if interrupt.isInterrupted || mayNotStart || now >= deadline.microseconds {
                throw endOfWait(interrupt)
            }
            let until = min(deadline.microseconds, pace.earliestStart)
            let end = MonotonicTime(microseconds: until)
            _ = lock.wait(on: condition, until: end, &interrupt)
        }
    }

    /// Waits for the end of the pause between two attempts.
    func pause(
        until time: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) {
        guard let condition = Condition() else { throw Failure.outOfMemory }
        lock.acquire()
        defer { lock.release() }
        sleeping.append(condition)
        while !mayNotStart, lock.wait(on: condition, until: time, &interrupt) {}
        sleeping.removeAll { $0 === condition }
        if interrupt.isInterrupted { throw RequestInterrupt.failure }
        try refuseStart()
    }

    /// A blocking request has ended.
    @_optimize(speed)
    func leave() {
        lock.acquire()
        inFlight -= 1
        if !line.isEmpty { advance(pace.now) }
        lock.release()
    }

    // MARK: The event loop

    enum LoopTurn: Equatable {
        /// To the first request of this queue.
        case granted(queue: Int)
        /// Nothing is left to send.
        case none
        /// Come back at this time.
        case at(MonotonicTime)
        /// The waker will tell.
        case later
    }

    /// Gives requests of the loop their places in the line.
    func giveTurns<Request: TurnTaker>(to requests: [Request]) {
        lock.acquire()
        for request in requests { request.turn = line.nextTurn(of: request.operation) }
        lock.release()
    }

    /// Requests of the loop have ended. It looks for its next turn by itself.
    @_optimize(speed)
    func leaveLoop(_ count: Int = 1) {
        lock.acquire()
        inFlight -= count
        loopInFlight -= count
        if line.hasWaiters { advance(pace.now) }
        lock.release()
    }

    /// Whether the first of the loop's requests may start.
    @_optimize(speed)
    func takeLoopTurn<Request>(of queues: inout TurnQueues<Request>, _ waker: Waker) -> LoopTurn {
        lock.acquire()
        defer { lock.release() }
        guard !mayNotStart, let (turn, queue) = line.first(of: &queues) else { return .none }
        let now = pace.now
        line.enterLoop(with: turn, waker)
        if line.hasWaiter(before: turn) {
            advance(now)
            if line.hasWaiter(before: turn) { return .later }
        }
        if inFlight >= maxInFlight { return .later }
        guard now >= pace.earliestStart else {
            return .at(MonotonicTime(microseconds: pace.earliestStart))
        }
        start(now)
        loopInFlight += 1
        line.serveLoop(turn)
        if line.hasWaiters { advance(now) }
        return .granted(queue: queue)
    }

    /// Gives the place in the line up: nothing is left to send.
    func leaveLine() {
        lock.acquire()
        if line.hasLoop {
            line.leaveLoop()
            advance(pace.now)
        }
        lock.release()
    }

    func beginDriving() {
        lock.acquire()
        loopLeft = nil
        lock.release()
    }

    /// Nobody drives the loop from now on: if that lasts, its requests hold up no thread.
    func leaveDriving() {
        lock.acquire()
        loopLeft = MonotonicTime.now.microseconds
        line.wakeFirst()
        lock.release()
    }

    // MARK: What the service said

    /// Lets nobody start before the time.
    func hold(until time: MonotonicTime) {
        lock.acquire()
        pace.hold(until: time)
        lock.release()
    }

    /// Until when the service asked this client to wait.
    var heldUntil: MonotonicTime {
        lock.acquire()
        defer { lock.release() }
        return MonotonicTime(microseconds: pace.heldUntil)
    }

    // MARK: Closing

    /// Ends every wait of a blocking request, now and from now on.
    func cancel() {
        lock.acquire()
        isCancelled = true
        wakeWaiters()
        lock.release()
    }

    /// Starts nothing more, and ends the wait of what is not being sent.
    func drain() {
        lock.acquire()
        drainedFlag.store(1)
        wakeWaiters()
        lock.release()
    }

    // MARK: Under the lock

    private func wakeWaiters() {
        line.wakeWaiters()
        for condition in sleeping { condition.signal() }
    }

    private var mayNotStart: Bool { isCancelled || isDrained }

    private func refuseStart() throws(Failure) {
        if isCancelled { throw Failure.clientClosed }
        if isDrained { throw Failure.drained }
    }

    /// Why a thread waits no longer that was not let in.
    private func endOfWait(_ interrupt: RequestInterrupt) -> Failure {
        if interrupt.isInterrupted { return RequestInterrupt.failure }
        do throws(Failure) { try refuseStart() } catch { return error }
        return Failure.noTurn
    }

    /// A request that cannot have its turn in time learns so at once.
    private func refuseHopelessWait(_ deadline: MonotonicTime) throws(Failure) {
        guard pace.heldUntil > deadline.microseconds else { return }
        throw Failure.held(until: MonotonicTime(microseconds: pace.heldUntil))
    }

    private func canStart(_ now: Int64) -> Bool {
        occupied(now) < maxInFlight && now >= pace.earliestStart && !mayNotStart
    }

    /// When the loop counts as left alone, unless somebody drives it before.
    private var loopAway: Int64? { loopLeft.map { $0 + Admission.loopAwayMicroseconds } }

    private func isLoopAway(_ now: Int64) -> Bool { loopAway.map { $0 <= now } ?? false }

    /// How many requests another one has to wait for.
    private func occupied(_ now: Int64) -> Int {
        isLoopAway(now) ? inFlight - loopInFlight : inFlight
    }

    private func start(_ now: Int64) {
        inFlight += 1
        pace.noteStart(now)
    }

    /// Lets in whoever may start now, and has the next in line watch the clock.
    private func advance(_ now: Int64) {
        if line.hasLoop, isLoopAway(now) { line.leaveLoop() }
        while let next = line.next {
            guard canStart(now) else {
                if occupied(now) < maxInFlight { next.condition.signal() }
                return
            }
            start(now)
            line.admit(next)
        }
        if inFlight < maxInFlight { line.wakeLoop() }
    }
}
