import CTrillet

/// Whose turn it is to send: a limit on requests in flight and on requests a minute, shared by all
/// threads of a client.
///
/// The event loop stands in the line with the first of its own requests.
final class Admission {
    private let lock: Lock
    private let maxInFlight: Int
    /// The distance between two starts, 0 without a limit a minute.
    private let intervalMicroseconds: Int64

    private var inFlight = 0
    private var nextStart: Int64 = 0
    private var pausedUntil: Int64 = 0
    private var isCancelled = false
    /// 1 when nothing is started any more, be it a call that was taken before.
    private let drainedFlag = SharedNumber()
    /// Blocking calls between their first attempt and their answer.
    private var calls = 0
    /// 1 when no new call is taken.
    private let closedFlag = SharedNumber()

    private var turns: TurnCounter
    /// A request that is sent again keeps its turn and so comes before later ones.
    private var waiting: [Waiter] = []
    /// Between two attempts.
    private var sleeping: [Condition] = []
    /// Between two calls that belong together.
    private var idling: [Condition] = []
    /// The event loop's place in the line, as it was when it looked.
    private var loopPlace: Place?
    private var loopWaker: Waker?

    private final class Waiter {
        let turn: Turn
        let condition: Condition
        var isAdmitted = false

        init(_ turn: Turn, _ condition: Condition) {
            self.turn = turn
            self.condition = condition
        }
    }

    init?(maxInFlight: Int, requestsPerMinute: Int, operations: Int) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.maxInFlight = maxInFlight
        turns = TurnCounter(operations: operations)
        intervalMicroseconds =
            requestsPerMinute == 0
            ? 0 : (60_000_000 + Int64(requestsPerMinute) - 1) / Int64(requestsPerMinute)
    }

    var isClosed: Bool { closedFlag.load() != 0 }

    var isDrained: Bool { drainedFlag.load() != 0 }

    /// How many requests are under way.
    var depth: Int {
        lock.acquire()
        defer { lock.release() }
        return inFlight
    }

    // MARK: Blocking calls

    /// Counts a call that `endCall` will end.
    func beginCall() throws(Failure) {
        lock.acquire()
        defer { lock.release() }
        if isClosed { throw Admission.closed }
        calls += 1
    }

    func endCall() {
        lock.acquire()
        calls -= 1
        if isClosed { lock.broadcast() }
        lock.release()
    }

    /// Returns when the request may start, and tells whether it had to wait. `turn` is the call's place
    /// in the line, which it keeps over its attempts. With `ignoresInFlight` the line does not matter:
    /// a callback's blocking call may not wait for requests that only its own thread can end.
    @_optimize(speed)
    func enter(
        _ turn: inout Turn?,
        operation: Int,
        now: MonotonicTime,
        deadline: MonotonicTime,
        ignoresInFlight: Bool,
        hasWaited: inout Bool,
        interrupt: inout CallInterrupt
    ) throws(Failure) {
        lock.acquire()
        defer { lock.release() }
        try refuseStart()
        try refuseHopelessWait(deadline)
        if waiting.isEmpty, loopPlace == nil, canStart(now.microseconds) {
            start(now.microseconds)
            return
        }
        hasWaited = !ignoresInFlight || earliestStart > now.microseconds
        let place = turn ?? turns.next(for: operation)
        turn = place
        try wait(place, deadline, ignoresInFlight, &interrupt)
    }

    private func wait(
        _ turn: Turn,
        _ deadline: MonotonicTime,
        _ ignoresInFlight: Bool,
        _ interrupt: inout CallInterrupt
    ) throws(Failure) {
        guard let condition = Condition() else { throw Failure.outOfMemory }
        let waiter = Waiter(turn, condition)
        if ignoresInFlight { sleeping.append(condition) } else { waiting.append(waiter) }
        defer { if ignoresInFlight { sleeping.removeAll { $0 === condition } } }
        while true {
            let now = MonotonicTime.now.microseconds
            if ignoresInFlight {
                if now >= earliestStart, !mayNotStart {
                    start(now)
                    return
                }
            } else {
                advance(now)
                if waiter.isAdmitted { return }
            }
            if interrupt.isInterrupted {
                remove(waiter)
                throw CallInterrupt.failure
            }
            if mayNotStart || now >= deadline.microseconds {
                remove(waiter)
                try refuseStart()
                throw Admission.noTurn
            }
            var until = deadline.microseconds
            if ignoresInFlight || (inFlight < maxInFlight && firstWaiter?.waiter === waiter) {
                until = min(until, earliestStart)
            }
            let end = MonotonicTime(microseconds: until)
            _ = lock.wait(on: condition, until: end, &interrupt)
        }
    }

    /// Waits for the end of the pause between two attempts.
    func pause(
        until time: MonotonicTime,
        _ interrupt: inout CallInterrupt
    ) throws(Failure) {
        guard let condition = Condition() else { throw Failure.outOfMemory }
        lock.acquire()
        defer { lock.release() }
        sleeping.append(condition)
        while !mayNotStart, lock.wait(on: condition, until: time, &interrupt) {}
        sleeping.removeAll { $0 === condition }
        if interrupt.isInterrupted { throw CallInterrupt.failure }
        try refuseStart()
    }

    /// Waits between two calls that belong together. It ends when the client closes, whatever time
    /// running calls are given: nothing is under way that could still end well.
    func idle(
        until time: MonotonicTime,
        _ interrupt: inout CallInterrupt
    ) throws(Failure) {
        guard let condition = Condition() else { throw Failure.outOfMemory }
        lock.acquire()
        defer { lock.release() }
        idling.append(condition)
        while !isClosed, lock.wait(on: condition, until: time, &interrupt) {}
        idling.removeAll { $0 === condition }
        if interrupt.isInterrupted { throw CallInterrupt.failure }
        if isClosed { throw Admission.cancelled }
    }

    /// A blocking call's request has ended.
    @_optimize(speed)
    func leave() {
        lock.acquire()
        inFlight -= 1
        if !waiting.isEmpty || loopPlace != nil { advance(now) }
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
    func giveTurns(to jobs: [Job]) {
        lock.acquire()
        for job in jobs { job.turn = turns.next(for: job.target.index) }
        lock.release()
    }

    /// Requests of the loop have ended. It looks for its next turn by itself.
    @_optimize(speed)
    func leaveLoop(_ count: Int = 1) {
        lock.acquire()
        inFlight -= count
        if !waiting.isEmpty { advance(now) }
        lock.release()
    }

    /// Whether the first of the loop's requests may start.
    @_optimize(speed)
    func takeLoopTurn(of queues: inout OperationQueues, _ waker: Waker) -> LoopTurn {
        lock.acquire()
        defer { lock.release() }
        guard !mayNotStart, let (turn, queue) = queues.first(turns) else { return .none }
        let now = now
        let place = turns.place(of: turn)
        loopPlace = place
        loopWaker = waker
        if let first = firstWaiter, first.place < place {
            advance(now)
            if let first = firstWaiter, first.place < turns.place(of: turn) { return .later }
        }
        if inFlight >= maxInFlight { return .later }
        guard now >= earliestStart else { return .at(MonotonicTime(microseconds: earliestStart)) }
        start(now)
        turns.serve(turn)
        loopPlace = nil
        if !waiting.isEmpty { advance(now) }
        return .granted(queue: queue)
    }

    /// Gives the place in the line up: nothing is left to send.
    func leaveLine() {
        lock.acquire()
        if loopPlace != nil {
            loopPlace = nil
            advance(now)
        }
        lock.release()
    }

    // MARK: What the service said

    /// Lets nobody start before the time.
    func hold(until time: MonotonicTime) {
        lock.acquire()
        pausedUntil = max(pausedUntil, time.microseconds)
        lock.release()
    }

    // MARK: Closing

    /// Takes no new call.
    func close() {
        lock.acquire()
        closedFlag.store(1)
        for condition in idling { condition.signal() }
        lock.release()
    }

    /// False when more calls than the excepted ones were still running at the deadline.
    func waitUntilIdle(_ deadline: MonotonicTime, except excepted: Int = 0) -> Bool {
        lock.acquire()
        defer { lock.release() }
        while calls > excepted {
            guard lock.wait(until: deadline) else { return calls <= excepted }
        }
        return true
    }

    /// Ends every wait of a blocking call, now and from now on.
    func cancel() {
        lock.acquire()
        isCancelled = true
        wakeWaiters()
        lock.release()
    }

    /// Takes no new call, and ends the wait of those that are not being sent.
    func drain() {
        lock.acquire()
        drainedFlag.store(1)
        wakeWaiters()
        lock.release()
        close()
    }

    // MARK: Under the lock

    private func wakeWaiters() {
        for waiter in waiting { waiter.condition.signal() }
        for condition in sleeping { condition.signal() }
    }

    private var mayNotStart: Bool { isCancelled || isDrained }

    private func refuseStart() throws(Failure) {
        if isCancelled { throw Admission.cancelled }
        if isDrained { throw Admission.drained }
    }

    private var earliestStart: Int64 { max(nextStart, pausedUntil) }

    /// The clock is read only where a start depends on the time.
    private var now: Int64 {
        intervalMicroseconds == 0 && pausedUntil == 0 ? 0 : MonotonicTime.now.microseconds
    }

    private func canStart(_ now: Int64) -> Bool {
        inFlight < maxInFlight && now >= earliestStart && !mayNotStart
    }

    private func start(_ now: Int64) {
        inFlight += 1
        if intervalMicroseconds > 0 { nextStart = max(now, nextStart) + intervalMicroseconds }
    }

    private var firstWaiter: (waiter: Waiter, place: Place)? {
        var first: (waiter: Waiter, place: Place)?
        for waiter in waiting {
            let place = turns.place(of: waiter.turn)
            if let first, first.place < place { continue }
            first = (waiter, place)
        }
        return first
    }

    private func remove(_ waiter: Waiter) {
        waiting.removeAll { $0 === waiter }
        advance(now)
    }

    /// Lets in whoever may start now, and tells the next in line to watch the clock.
    private func advance(_ now: Int64) {
        while let (first, place) = firstWaiter {
            if let loopPlace, loopPlace < place { break }
            guard canStart(now) else {
                if inFlight < maxInFlight { first.condition.signal() }
                return
            }
            waiting.removeAll { $0 === first }
            first.isAdmitted = true
            start(now)
            turns.serve(first.turn)
            first.condition.signal()
        }
        if loopPlace != nil, inFlight < maxInFlight { loopWaker?.wake() }
    }

    /// A request that cannot have its turn in time is told so at once.
    private func refuseHopelessWait(_ deadline: MonotonicTime) throws(Failure) {
        guard pausedUntil > deadline.microseconds else { return }
        throw Admission.held(until: MonotonicTime(microseconds: pausedUntil))
    }

    /// Until when the service asked this client to wait.
    var heldUntil: MonotonicTime {
        lock.acquire()
        defer { lock.release() }
        return MonotonicTime(microseconds: pausedUntil)
    }

    static func held(until time: MonotonicTime) -> Failure {
        let wait = time.millisecondsFromNow
        var failure = Failure(
            .rateLimited,
            """
            The service asked this client to wait for another \(wait) ms, which is longer than \
            this request may take (timeoutMs)
            """
        )
        failure.isRetryable = true
        failure.retryAfterMilliseconds = wait
        return failure
    }

    static var noTurn: Failure {
        var failure = Failure(
            .timeout,
            """
            The request did not have its turn in time (maxInFlight, requestsPerMinute, timeoutMs); \
            this attempt was not sent
            """
        )
        failure.isRetryable = true
        return failure
    }

    static var closed: Failure {
        Failure(.closed, "The client is closed; make a new one with trillet_client_new")
    }

    static var drained: Failure {
        Failure(
            .cancelled,
            """
            The client is being drained (trillet_client_drain) and starts nothing more; this \
            attempt waited and was not sent
            """
        )
    }

    static var cancelled: Failure {
        Failure(.cancelled, "The call was cancelled because the client was closed")
    }
}
