import CTrillet

/// Drives a client's submitted calls: on its one thread, or on those of the host that wait.
final class Dispatcher {
    unowned(unsafe) let client: Client
    // The client's, at hand without counting a reference to it.
    let admission: Admission
    let completions: Completions
    let loop: EventLoop
    let inbox: JobInbox
    let seat: DriverSeat
    let calls: HostCalls
    let brokenPipe: BrokenPipeSignal
    /// nil with engine "caller".
    private var thread: WorkerThread?
    /// nil with a thread of its own.
    let outlook: DriverDescriptor?

    // Of the thread alone that drives.
    var queues = TurnQueues<Job>(operations: OperationTable.all.count + 1)
    /// Those that joined the queues in this turn: the ones that cannot start at once have to wait.
    var newcomers: [Job] = []
    var pauses = TimeHeap()
    var deadlines = TimeHeap()
    var running = RunningJobs()
    var expiries = ExpiryQueue()
    /// Since when answers are read that came while nobody drove, although their time is over.
    var catchesUpSince: MonotonicTime?
    var stock = TransferStock()
    var arrivals: [Job] = []
    let handover = JobHandover()
    var isInLine = false
    let openings = ConnectionOpenings()

    /// nil when there is no memory or no thread for it.
    static func start(for client: Client) -> Dispatcher? {
        guard let dispatcher = Dispatcher(for: client) else { return nil }
        client.observer.waker = dispatcher.loop.waker
        if dispatcher.outlook != nil {
            client.admission.leaveDriving()
            // Without a descriptor it is opened again when it is driven.
            _ = dispatcher.loop.open()
            return dispatcher
        }
        let context = Unmanaged.passUnretained(dispatcher).toOpaque()
        guard let thread = WorkerThread.start("trillet-io", runDispatcher, context) else {
            client.observer.waker = nil
            dispatcher.loop.close()
            return nil
        }
        dispatcher.thread = thread
        return dispatcher
    }

    private init?(for client: Client) {
        let options = client.options
        let isDrivenByHost = options.engine == .caller
        guard let inbox = JobInbox(mostJobs: options.maxInFlight + options.maxQueued),
            let loop = EventLoop.make(
                client.settings.service,
                maxConnections: options.mostConnections,
                maxTransfers: options.maxInFlight
            )
        else { return nil }
        guard let seat = DriverSeat(loop.waker),
            let calls = HostCalls(client, loop.waker)
        else {
            loop.close()
            return nil
        }
        outlook = isDrivenByHost ? DriverDescriptor() : nil
        if isDrivenByHost, outlook == nil {
            loop.close()
            return nil
        }
        self.client = client
        self.seat = seat
        self.calls = calls
        self.loop = loop
        self.inbox = inbox
        admission = client.admission
        completions = client.completions
        brokenPipe = BrokenPipeSignal(client.settings)
    }

    /// Whether this thread is in a function of the host's that this has called.
    var isCurrentThread: Bool { thread?.isCurrent ?? calls.isInsideOne }

    /// Whether the host's threads are all that drives.
    var isDrivenByHost: Bool { outlook != nil }

    // MARK: The host's threads

    /// A job to be prepared and submitted.
    func makeJob() -> Job { inbox.makeJob() }

    /// Takes a job over; 0 when the client is closed.
    @_optimize(speed)
    func submit(_ job: Job) -> UInt64 {
        switch inbox.enter(job, completed: completions.count) {
        case .accepted(let id):
            loop.waker.wake()
            // Last of all: the host must have the id before its callback runs.
            // docs/decisions.md, done-after-submit.
            job.submitReturns()
            return id
        case .refused(let id):
            completions.append(job.endRefused(by: client), for: id)
            // A thread that waits for answers may be asleep in the loop, or beside it.
            loop.waker.wake()
            seat.noteProgress()
            return id
        case .closed:
            return 0
        }
    }

    /// Whether the job was still under way.
    func cancel(_ id: UInt64) -> Bool {
        guard inbox.cancel(id) else { return false }
        loop.waker.wake()
        return true
    }

    var refusedJobs: Int { inbox.refusedJobs }

    var waitingJobs: Int { inbox.waitingJobs }

    /// Opens connections; false when the client is closed.
    func open(_ opening: ConnectionOpening) -> Bool {
        guard inbox.enter(opening) else { return false }
        openings.haveCome()
        loop.waker.wake()
        return true
    }

    func refuseNewJobs() {
        inbox.close()
        loop.waker.wake()
    }

    func drain() {
        inbox.drain()
        loop.waker.wake()
    }

    /// Lets the jobs end until the deadline, or until the host ends the wait, cancels the rest, and
    /// ends the thread; false when it had to cancel.
    func finish(until deadline: MonotonicTime, _ interrupt: inout RequestInterrupt) -> Bool {
        if !waitUntilStopped(deadline, &interrupt) {
            cancelAll()
            var unasked = RequestInterrupt.none
            _ = waitUntilStopped(.distantFuture, &unasked)
        }
        thread?.join()
        if isDrivenByHost {
            calls.finish()
            client.observer.log.end()
        }
        return inbox.isCancelFree
    }

    private func waitUntilStopped(
        _ deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) -> Bool {
        if isDrivenByHost {
            drive(for: .end, until: deadline, &interrupt)
            return inbox.hasStopped
        }
        return inbox.waitUntilStopped(deadline, &interrupt)
    }

    func cancelAll() {
        inbox.cancelAll()
        loop.waker.wake()
    }

    /// True once the thread has ended: what has only stopped working still runs the library's code,
    /// which may be unloaded next. Where the host drives, nothing of it is called any more: of its
    /// own it may have taken apart what its functions need.
    func waitUntilStopped(_ deadline: MonotonicTime) -> Bool {
        var unasked = RequestInterrupt.none
        if isDrivenByHost { calls.silence() }
        guard waitUntilStopped(deadline, &unasked) else { return false }
        thread?.join()
        return true
    }

    func wake() {
        loop.waker.wake()
    }

    /// The thread that unloads the library may be this one, in a callback: it does not come back.
    func waitUntilGone(_ deadline: MonotonicTime) {
        if isDrivenByHost, !inbox.hasStopped { _ = waitUntilStopped(deadline) }
        guard let thread, !thread.isCurrent, thread.waitUntilGone(deadline) else { return }
        thread.join()
    }

    // MARK: The client's own thread

    fileprivate func run() {
        while true {
            let mustDrive = seat.takeAsOwnThread(unless: { calls.mustBeMade })
            let isOver = mustDrive && driveAsOwnThread()
            if mustDrive, !isOver { seat.leaveAsOwnThread() }
            // Who waits for one of the last answers need not wait for the host's functions.
            if isOver { seat.noteProgress() }
            calls.make()
            // A function of the host's has forked, and has returned in the child as well.
            if client.isForked { return }
            if isOver { break }
        }
        end()
        seat.leaveAsOwnThread()
    }

    /// Until a thread of the host wants to, or calls of the host's functions are due; true when nothing
    /// is left to do.
    private func driveAsOwnThread() -> Bool {
        loop.waker.didWake()
        while let time = work() {
            if calls.mustBeMade || seat.isWanted { return false }
            waitForEvents(until: time)
        }
        return true
    }
}

private func runDispatcher(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<Dispatcher>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.run() }
}
