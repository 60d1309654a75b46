import CTrillet

/// Drives a client's submitted calls on its one thread.
final class Dispatcher {
    private unowned(unsafe) let client: Client
    // The client's, at hand without counting a reference to it.
    private let admission: Admission
    private let completions: Completions
    private let loop: EventLoop
    private let inbox: JobInbox
    private var thread: WorkerThread?

    // Of the thread alone.
    private var queues = OperationQueues(operations: OperationTable.all.count + 1)
    /// Those that joined the queues in this turn: the ones that cannot start at once have to wait.
    private var newcomers: [Job] = []
    private var pauses = TimeHeap()
    private var deadlines = TimeHeap()
    private var running = RunningJobs()
    private var idle: [Transfer] = []
    private var ended: [Job] = []
    /// What jobs are in a turn: taken over, on their way to `trillet_next`, and to a callback.
    private var arrivals: [Job] = []
    private var fetched: [Job] = []
    private var called: [Job] = []
    /// Jobs of this turn to be used again.
    private var done: [Job] = []
    private var isInLine = false
    private var openings: [ConnectionOpening] = []
    /// 1 when the inbox has some that the thread has not seen.
    private let openingFlag = SharedNumber()

    /// Idle handles kept while nothing is under way.
    private static let keptTransfers = 64

    /// nil when memory or a thread is not to be had.
    static func start(for client: Client) -> Dispatcher? {
        let options = client.options
        guard let inbox = JobInbox(mostJobs: options.maxInFlight + options.maxQueued),
            let loop = EventLoop.make(
                client.settings.service,
                maxConnections: options.mostConnections
            )
        else { return nil }
        let dispatcher = Dispatcher(client, loop, inbox)
        let context = Unmanaged.passUnretained(dispatcher).toOpaque()
        guard let thread = WorkerThread.start("trillet-io", runDispatcher, context) else {
            loop.close()
            return nil
        }
        dispatcher.thread = thread
        client.observer.waker = loop.waker
        return dispatcher
    }

    private init(_ client: Client, _ loop: EventLoop, _ inbox: JobInbox) {
        self.client = client
        admission = client.admission
        completions = client.completions
        self.loop = loop
        self.inbox = inbox
    }

    var isCurrentThread: Bool { thread?.isCurrent ?? false }

    // MARK: The host's threads

    /// A job to be prepared and submitted.
    func makeJob() -> Job { inbox.makeJob() }

    /// Takes a job over; 0 when the client is closed.
    @_optimize(speed)
    func submit(_ job: Job) -> UInt64 {
        switch inbox.enter(job, completed: completions.count) {
        case .accepted(let id):
            loop.waker.wake()
            // Last of all: the host shall have the id before its callback is told of it.
            job.submitReturns()
            return id
        case .refused(let id):
            completions.append(job.refuse(of: client), for: id)
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
        openingFlag.store(1)
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

    /// Lets the jobs end until the deadline, cancels the rest, and ends the thread; false when it
    /// had to cancel.
    func finish(until deadline: MonotonicTime) -> Bool {
        if !inbox.waitUntilStopped(deadline) {
            cancelAll()
            _ = inbox.waitUntilStopped(.distantFuture)
        }
        thread?.join()
        return inbox.isCancelFree
    }

    func cancelAll() {
        inbox.cancelAll()
        loop.waker.wake()
    }

    /// True once the thread has ended: what has only stopped working still runs the library's code,
    /// which may be unloaded next.
    func waitUntilStopped(_ deadline: MonotonicTime) -> Bool {
        guard inbox.waitUntilStopped(deadline) else { return false }
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

    @_optimize(speed)
    fileprivate func run() {
        while true {
            if shim_is_unloading() != 0 { cancelForUnloading() }
            takeArrivals()
            if openingFlag.load() != 0 { startOpenings() }
            resumePaused()
            let turn = startQueued()
            loop.runTimer()
            if takeFinished(), queues.count > 0 { loop.waker.wake() }
            publish()
            deliverLog()
            // The host was so long in its callback that the process has gone on exiting.
            if shim_tls_is_gone() != 0 { return inbox.stop() }
            if inbox.endTurn(running: running.count) { break }
            loop.wait(until: wakeTime(turn))
            _ = takeFinished()
        }
        endLog()
        startOpenings()
        for opening in openings { opening.abandon(loop, Admission.cancelled) }
        idle = []
        loop.close()
        inbox.stop()
    }

    private func cancelForUnloading() {
        inbox.close()
        inbox.cancelAll()
    }

    @_optimize(speed)
    private func takeArrivals() {
        let (doomed, unsent) = inbox.take(&arrivals, returning: &done)
        if !arrivals.isEmpty { admission.giveTurns(to: arrivals) }
        done.removeAll(keepingCapacity: true)
        for job in arrivals {
            switch job.state {
            case .ended:
                ended.append(job)
            case .refused:
                fail(job, RefusedCall.failure)
            default:
                queues.append(job)
                newcomers.append(job)
            }
        }
        Dispatcher.empty(&arrivals)
        for job in doomed { cancel(job, Dispatcher.cancelledUnsent) }
        for job in unsent where job.transfer?.hasBegun != true { cancel(job, Admission.drained) }
    }

    private func resumePaused() {
        guard !(pauses.count == 0 && deadlines.count == 0) else { return }
        let now = MonotonicTime.now
        while let id = pauses.popFirst(before: now) {
            guard let job = inbox.find(id), job.state == .pausing else { continue }
            job.state = .queued
            queues.prepend(job)
            newcomers.append(job)
        }
        expire(before: now, Admission.noTurn)
    }

    private func expire(before time: MonotonicTime, _ failure: @autoclosure () -> Failure) {
        while let id = deadlines.popFirst(before: time) {
            guard let job = inbox.find(id), job.state == .queued else { continue }
            queues.noteEnd()
            noteTurn(of: job)
            fail(job, failure())
        }
    }

    /// The job waits no longer, whether for its turn or in vain.
    private func noteTurn(of job: Job) {
        guard let since = job.waitsSince else { return }
        let waited = MonotonicTime.now.microseconds - since.microseconds
        job.call?.noteTurn(waitedMicroseconds: waited)
        job.waitsSince = nil
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
        for job in newcomers where job.state == .queued { wait(job) }
        newcomers.removeAll(keepingCapacity: true)
        if next != .distantFuture, let first = deadlines.earliest, first < next {
            let held = admission.heldUntil
            expire(before: held, Admission.held(until: held))
        }
        return next
    }

    private func wait(_ job: Job) {
        guard let deadline = job.call?.deadline else { return }
        job.waitsSince = MonotonicTime.now
        deadlines.insert(job.id, at: deadline)
        guard deadlines.count > 2 * queues.count + 1024 else { return }
        // Most jobs have their turn long before their deadline.
        deadlines.removeAll { id in
            guard let job = inbox.find(id) else { return true }
            return job.state != .queued
        }
    }

    @_optimize(speed)
    private func start(_ job: Job) {
        noteTurn(of: job)
        guard let transfer = makeTransfer() else {
            admission.leaveLoop()
            return fail(job, Failure.outOfMemory)
        }
        do throws(Failure) {
            job.call?.noteAttempt(of: client)
            try job.call?.begin(on: transfer)
            guard loop.open() else {
                if let denied = loop.deniedCall { throw denied }
                admission.leaveLoop()
                judge(job, transfer, transfer.refuseConnection("No file descriptor is free"))
                return recycle(transfer)
            }
            guard loop.add(transfer) else { throw Failure.outOfMemory }
            transfer.owner = running.insert(job)
            job.transfer = transfer
            job.state = .running
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
            job.transfer = nil
            judge(job, transfer, result)
            recycle(transfer)
        }
        if count > 0 { admission.leaveLoop(count) }
        return count > 0
    }

    private func startOpenings() {
        openingFlag.store(0)
        for opening in inbox.takeOpenings() {
            openings.append(opening)
            guard loop.open() else {
                opening.abandon(loop, loop.deniedCall ?? EventLoop.noDescriptor)
                continue
            }
            opening.start(on: loop) { makeTransfer() }
        }
    }

    private func makeTransfer() -> Transfer? {
        idle.popLast() ?? loop.makeTransfer(client.settings)
    }

    private func takeOpened(_ transfer: Transfer, _ result: CURLcode) {
        for opening in openings where opening.owns(transfer) {
            opening.take(transfer, result, on: loop, otherRequests: running.count) {
                makeTransfer()
            }
        }
        openings.removeAll { $0.isOver }
        recycle(transfer)
    }

    @_optimize(speed)
    private func judge(_ job: Job, _ transfer: Transfer, _ result: CURLcode) {
        switch job.call?.judge(result, from: transfer, of: client) {
        case .finished(let finished):
            job.end(finished)
            ended.append(job)
        case .again(let milliseconds):
            job.state = .pausing
            pauses.insert(job.id, at: MonotonicTime.now.advanced(byMilliseconds: milliseconds))
        case nil:
            fail(job, Failure.outOfMemory)
        }
    }

    private func cancel(_ job: Job, _ whileWaiting: @autoclosure () -> Failure) {
        switch job.state {
        case .ended, .refused:
            return
        case .queued:
            queues.noteEnd()
            noteTurn(of: job)
            fail(job, whileWaiting())
        case .pausing:
            fail(job, whileWaiting())
        case .running:
            guard let transfer = job.transfer else { return }
            loop.remove(transfer)
            admission.leaveLoop()
            _ = running.remove(transfer.owner)
            job.transfer = nil
            fail(job, transfer.finishCancelled())
            recycle(transfer)
        }
    }

    private func fail(_ job: Job, _ failure: Failure) {
        job.end(failure, of: client)
        ended.append(job)
    }

    @_optimize(speed)
    private func recycle(_ transfer: Transfer) {
        if transfer.isSpoiled { return }
        transfer.becomeIdle()
        if running.isEmpty, queues.count == 0, idle.count >= Dispatcher.keptTransfers {
            idle.removeSubrange((Dispatcher.keptTransfers - 1)..<idle.count)
        }
        idle.append(transfer)
    }

    // MARK: Handing over

    /// Tells the host what has ended.
    @_optimize(speed)
    private func publish() {
        if ended.isEmpty { return }
        var waiting = 0
        for index in ended.indices {
            let job = ended[index]
            if job.done == nil {
                fetched.append(job)
            } else if job.hasSubmitReturned {
                called.append(job)
            } else {
                ended.swapAt(waiting, index)
                waiting += 1
            }
        }
        let mustWait = waiting > 0
        if mustWait {
            ended.removeLast(ended.count - waiting)
        } else {
            Dispatcher.empty(&ended)
        }
        // Before the host is told: it may then submit in its place.
        inbox.remove(fetched, called)
        if !fetched.isEmpty { completions.append(fetched) }
        for job in called { call(job) }
        keep(&fetched)
        keep(&called)
        if mustWait {
            shim_thread_yield()
            loop.waker.wake()
        }
    }

    /// Keeps jobs for calls to come, but for those that somebody still looks at: a queue that has not
    /// passed over a cancelled one, the thread that is about to return from handing it over.
    private func keep(_ jobs: inout [Job]) {
        defer { Dispatcher.empty(&jobs) }
        var index = 0
        while index < jobs.count, done.count < JobInbox.keptJobs {
            if isKnownUniquelyReferenced(&jobs[index]) {
                jobs[index].becomeSpare()
                done.append(jobs[index])
            }
            index += 1
        }
    }

    /// Keeps the room for the next turn, unless there was a burst.
    private static func empty(_ jobs: inout [Job]) {
        jobs.removeAll(keepingCapacity: jobs.count <= 1024)
    }

    private func call(_ job: Job) {
        guard let done = job.done, let finished = job.answer else { return }
        // What the host's code has is taken apart before this library's is.
        if shim_is_unloading() == 0 { done(job.userData, job.id, finished.text) }
        finished.free()
    }

    private func deliverLog() {
        let log = client.observer.log
        guard log.isEnabled(.error), shim_is_unloading() == 0 else { return }
        log.deliver()
        if log.hasLines { loop.waker.wake() }
    }

    /// Hands over what is left: from now on nobody would.
    private func endLog() {
        let log = client.observer.log
        while log.hasLines, shim_is_unloading() == 0 { log.deliver() }
        _ = log.set(level: .off, function: nil, userData: nil, calledFrom: true)
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
