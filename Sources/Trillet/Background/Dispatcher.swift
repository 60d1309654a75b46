import CTrillet

/// Drives a client's submitted calls: on its one thread, or on those of the host that drive it.
final class Dispatcher {
    unowned(unsafe) let client: Client
    // The client's, at hand without counting a reference to it.
    private let admission: Admission
    let completions: Completions
    let loop: EventLoop
    let inbox: JobInbox
    private var thread: WorkerThread?
    // nil with a thread of its own.
    let seat: DriverSeat?
    let outlook: DriverDescriptor?

    // Of the thread alone that drives.
    private var queues = TurnQueues<Job>(operations: OperationTable.all.count + 1)
    /// Those that joined the queues in this turn: the ones that cannot start at once have to wait.
    private var newcomers: [Job] = []
    private var pauses = TimeHeap()
    private var deadlines = TimeHeap()
    private var running = RunningJobs()
    private var stock = TransferStock()
    private var arrivals: [Job] = []
    private let handover = JobHandover()
    private var isInLine = false
    private let openings = ConnectionOpenings()

    /// nil when there is no memory or no thread for it.
    static func start(for client: Client) -> Dispatcher? {
        let options = client.options
        guard let inbox = JobInbox(mostJobs: options.maxInFlight + options.maxQueued),
            let loop = EventLoop.make(
                client.settings.service,
                maxConnections: options.mostConnections
            )
        else { return nil }
        if options.engine == .caller { return driven(client, loop, inbox) }
        let dispatcher = Dispatcher(client, loop, inbox, nil, nil)
        let context = Unmanaged.passUnretained(dispatcher).toOpaque()
        guard let thread = WorkerThread.start("trillet-io", runDispatcher, context) else {
            loop.close()
            return nil
        }
        dispatcher.thread = thread
        client.observer.waker = loop.waker
        return dispatcher
    }

    private static func driven(
        _ client: Client,
        _ loop: EventLoop,
        _ inbox: JobInbox
    ) -> Dispatcher? {
        guard let seat = DriverSeat(), let outlook = DriverDescriptor() else {
            loop.close()
            return nil
        }
        // Without a descriptor it is opened again when it is driven.
        _ = loop.open()
        client.observer.waker = loop.waker
        client.admission.leaveDriving()
        return Dispatcher(client, loop, inbox, seat, outlook)
    }

    private init(
        _ client: Client,
        _ loop: EventLoop,
        _ inbox: JobInbox,
        _ seat: DriverSeat?,
        _ outlook: DriverDescriptor?
    ) {
        self.client = client
        self.seat = seat
        self.outlook = outlook
        admission = client.admission
        completions = client.completions
        self.loop = loop
        self.inbox = inbox
    }

    /// Whether this thread is the one that drives, in a function of the host's that it has called.
    var isCurrentThread: Bool { seat?.isMine ?? thread?.isCurrent ?? false }

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
        return inbox.isCancelFree
    }

    private func waitUntilStopped(
        _ deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) -> Bool {
        guard seat != nil else { return inbox.waitUntilStopped(deadline, &interrupt) }
        drive(until: deadline, &interrupt) { inbox.hasStopped }
        return inbox.hasStopped
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
        if seat != nil { handover.silence() }
        guard waitUntilStopped(deadline, &unasked) else { return false }
        thread?.join()
        return true
    }

    func wake() {
        loop.waker.wake()
    }

    /// The thread that unloads the library may be this one, in a callback: it does not come back.
    func waitUntilGone(_ deadline: MonotonicTime) {
        guard let thread, !thread.isCurrent, thread.waitUntilGone(deadline) else { return }
        thread.join()
    }

    // MARK: The thread

    fileprivate func run() {
        while let time = work() { waitForEvents(until: time) }
        end()
    }

    /// Does what can be done without waiting; returns until when to wait, or nil when nothing is left
    /// to do and nothing more will come.
    @_optimize(speed)
    func work() -> MonotonicTime? {
        if shim_is_unloading() != 0 { cancelForUnloading() }
        takeArrivals()
        if openings.mustStart { startOpenings() }
        resumePaused()
        let turn = startQueued()
        loop.runTimer()
        if takeFinished(), queues.count > 0 { loop.waker.wake() }
        if !handover.publish(inbox, completions) {
            shim_thread_yield()
            loop.waker.wake()
        }
        deliverLog()
        // The host was so long in its callback that the process has gone on exiting.
        if shim_tls_is_gone() != 0 || inbox.endTurn(running: running.count) { return nil }
        return wakeTime(turn)
    }

    /// Waits for the time, or for what comes before it; false when a signal ended the wait.
    @discardableResult
    func waitForEvents(until time: MonotonicTime) -> Bool {
        defer { _ = takeFinished() }
        return loop.wait(until: time)
    }

    /// How many requests have ended and been handed over.
    var handedOver: UInt64 { handover.count }

    /// Nothing is left to do, and nobody drives it any more.
    func end() {
        if shim_tls_is_gone() != 0 { return inbox.stop() }
        client.observer.log.end()
        startOpenings()
        openings.abandon(loop)
        stock.removeAll()
        loop.close()
        inbox.stop()
    }

    private func cancelForUnloading() {
        inbox.close()
        inbox.cancelAll()
    }

    @_optimize(speed)
    private func takeArrivals() {
        let (doomed, unsent) = handover.withSpareJobs { inbox.take(&arrivals, returning: &$0) }
        if !arrivals.isEmpty { admission.giveTurns(to: arrivals) }
        for job in arrivals {
            switch job.state {
            case .ended:
                handover.append(job)
            case .refused:
                fail(job, RefusedRequest.failure)
            default:
                queues.append(job)
                newcomers.append(job)
            }
        }
        JobHandover.empty(&arrivals)
        for job in doomed { cancel(job, Dispatcher.cancelledUnsent) }
        for job in unsent where job.transfer?.hasBegun != true { cancel(job, Failure.drained) }
    }

    private func resumePaused() {
        guard !(pauses.count == 0 && deadlines.count == 0) else { return }
        let now = MonotonicTime.now
        while let id = pauses.popFirst(before: now) {
            guard let job = inbox.find(id), job.state == .pausing else { continue }
            job.resume()
            queues.prepend(job)
            newcomers.append(job)
        }
        expire(before: now, Failure.noTurn)
    }

    private func expire(before time: MonotonicTime, _ failure: @autoclosure () -> Failure) {
        while let id = deadlines.popFirst(before: time) {
            guard let job = inbox.find(id), job.isWaiting else { continue }
            queues.noteEnd()
            job.stopWaiting()
            fail(job, failure())
        }
    }

    /// Starts what may start; returns when to try again.
    @_optimize(speed)
    private func startQueued() -> MonotonicTime {
        var next = MonotonicTime.distantFuture
        search: while queues.count > 0 {
            switch admission.takeLoopTurn(of: &queues, loop.waker) {
            case .granted(let queue):
                isInLine = false
                if let job = queues.popFirst(of: queue) { start(job) }
            case .none:
                break search
            case .at(let time):
                next = time
                isInLine = true
                break search
            case .later:
                isInLine = true
                break search
            }
        }
        if queues.count == 0, isInLine {
            admission.leaveLine()
            isInLine = false
        }
        for job in newcomers where job.isWaiting { wait(job) }
        newcomers.removeAll(keepingCapacity: true)
        if next != .distantFuture, let first = deadlines.earliest, first < next {
            let held = admission.heldUntil
            expire(before: held, Failure.held(until: held))
        }
        return next
    }

    private func wait(_ job: Job) {
        guard let deadline = job.deadline else { return }
        job.startWaiting()
        deadlines.insert(job.id, at: deadline)
        guard deadlines.count > 2 * queues.count + 1024 else { return }
        // Most jobs have their turn long before their deadline.
        deadlines.removeAll { id in
            guard let job = inbox.find(id) else { return true }
            return !job.isWaiting
        }
    }

    @_optimize(speed)
    private func start(_ job: Job) {
        job.stopWaiting()
        guard let transfer = makeTransfer() else {
            admission.leaveLoop()
            return fail(job, Failure.outOfMemory)
        }
        do throws(Failure) {
            try job.begin(on: transfer, of: client)
            guard loop.open() else {
                if let denied = loop.deniedCall { throw denied }
                admission.leaveLoop()
                judge(job, transfer, transfer.refuseConnection("No file descriptor is free"))
                return recycle(transfer)
            }
            guard loop.add(transfer) else { throw Failure.outOfMemory }
            transfer.owner = running.insert(job)
            job.run(on: transfer)
        } catch {
            admission.leaveLoop()
            recycle(transfer)
            fail(job, error)
        }
    }

    /// Whether there was one, which may let another start.
    @_optimize(speed)
    private func takeFinished() -> Bool {
        var count = 0
        while let (transfer, result) = loop.nextFinished() {
            count += 1
            if transfer.owner == ConnectionOpening.owner {
                count -= 1
                takeOpened(transfer, result)
                continue
            }
            guard let job = running.remove(transfer.owner) else { continue }
            job.leaveTransfer()
            judge(job, transfer, result)
            recycle(transfer)
        }
        if count > 0 { admission.leaveLoop(count) }
        return count > 0
    }

    private func startOpenings() {
        openings.start(inbox, on: loop) { makeTransfer() }
    }

    private func makeTransfer() -> Transfer? {
        stock.take(loop, client.settings)
    }

    private func takeOpened(_ transfer: Transfer, _ result: CURLcode) {
        openings.take(transfer, result, on: loop, otherRequests: running.count) { makeTransfer() }
        recycle(transfer)
    }

    @_optimize(speed)
    private func judge(_ job: Job, _ transfer: Transfer, _ result: CURLcode) {
        let verdict = job.judge(result, from: transfer, of: client)
        client.hold(verdict?.holdsClient)
        switch verdict?.next {
        case .finished(let finished):
            job.end(finished)
            handover.append(job)
        case .again(let milliseconds):
            job.pause()
            pauses.insert(job.id, at: MonotonicTime.now.advanced(byMilliseconds: milliseconds))
        case nil:
            fail(job, Failure.outOfMemory)
        }
    }

    private func cancel(_ job: Job, _ whileWaiting: Failure) {
        switch job.state {
        case .ended, .refused:
            return
        case .queued:
            queues.noteEnd()
            job.stopWaiting()
            fail(job, whileWaiting)
        case .pausing:
            fail(job, whileWaiting)
        case .running:
            guard let transfer = job.transfer else { return }
            loop.remove(transfer)
            admission.leaveLoop()
            _ = running.remove(transfer.owner)
            job.leaveTransfer()
            fail(job, transfer.finishCancelled())
            recycle(transfer)
        }
    }

    @inline(never)
    private func fail(_ job: Job, _ failure: Failure) {
        job.end(failure, of: client)
        handover.append(job)
    }

    @_optimize(speed)
    private func recycle(_ transfer: Transfer) {
        stock.put(transfer, isAllIdle: running.isEmpty && queues.count == 0)
    }

    private func deliverLog() {
        let log = client.observer.log
        guard log.isEnabled(.error), shim_is_unloading() == 0 else { return }
        log.deliver()
        if log.hasLines { loop.waker.wake() }
    }

    private func wakeTime(_ turn: MonotonicTime) -> MonotonicTime {
        var time = turn
        if let pause = pauses.earliest { time = min(time, pause) }
        if let deadline = deadlines.earliest { time = min(time, deadline) }
        return time
    }

    private static var cancelledUnsent: Failure {
        Failure(.cancelled, "The request was cancelled while it waited")
    }
}

private func runDispatcher(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<Dispatcher>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.run() }
}
