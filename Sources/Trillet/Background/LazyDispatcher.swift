import CTrillet

/// A client's dispatcher, whose thread starts when it is first needed.
final class LazyDispatcher {
    private let lock: Lock
    private var dispatcher: Dispatcher?
    private var isClosed = false
    /// 1 once there is a dispatcher: most blocking calls need not take the lock to learn that there
    /// is none.
    private let startedFlag = SharedNumber()

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
    }

    var started: Dispatcher? {
        startedFlag.load() == 0 ? nil : dispatcher
    }

    var isCurrentThread: Bool { started?.isCurrentThread ?? false }

    /// Starts it if need be; nil when that cannot be done, or the client is closed.
    func start(for client: Client) -> Dispatcher? {
        if let started { return started }
        lock.acquire()
        defer { lock.release() }
        if dispatcher == nil, !isClosed {
            dispatcher = Dispatcher.start(for: client)
            if dispatcher != nil { startedFlag.store(1) }
        }
        return dispatcher
    }

    /// The same, to be held without counting: a function of the host's that leaves by longjmp would
    /// never give it back.
    func borrow(for client: Client) -> Unmanaged<Dispatcher>? {
        guard let dispatcher = start(for: client) else { return nil }
        return Unmanaged.passUnretained(dispatcher)
    }

    func refuseNewJobs() {
        lock.acquire()
        isClosed = true
        lock.release()
        started?.refuseNewJobs()
    }

    /// The same, and ends those that are not being sent.
    func drain() {
        lock.acquire()
        isClosed = true
        lock.release()
        started?.drain()
    }

    /// False when jobs had to be cancelled.
    func finish(until deadline: MonotonicTime, _ interrupt: inout RequestInterrupt) -> Bool {
        started?.finish(until: deadline, &interrupt) ?? true
    }

    /// Cancels every job, without waiting.
    func cancelAll() {
        started?.cancelAll()
    }

    /// False when the thread still worked at the deadline.
    func waitUntilStopped(_ deadline: MonotonicTime) -> Bool {
        started?.waitUntilStopped(deadline) ?? true
    }

    /// Has nobody drive from now on; false when somebody still did at the deadline.
    func shutOutDrivers(_ deadline: MonotonicTime) -> Bool {
        var unasked = RequestInterrupt.none
        return started?.seat.take(until: deadline, &unasked, unless: { false }) ?? true
    }

    /// Has the thread look whether it is to end.
    func wake() {
        started?.wake()
    }

    func waitUntilGone(_ deadline: MonotonicTime) {
        started?.waitUntilGone(deadline)
    }
}
