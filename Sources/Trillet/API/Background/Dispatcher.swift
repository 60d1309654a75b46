import CTrillet

/// Drives a client's submitted calls on its one thread.
final class Dispatcher {
    private enum Phase {
        case open
        /// Takes no new job and ends those it has.
        case closing
        /// Ends what is left at once.
        case cancelling
        case stopped
    }

    private unowned(unsafe) let client: Client
    // The client's, at hand without counting a reference to it.
    private let admission: Admission
    private let completions: Completions
    private let loop: EventLoop
    private var thread: OpaquePointer?

    // Shared with the host's threads.
    private let lock: Lock
    private var phase = Phase.open
    private var isJoining = false
    private var isJoined = false
    private var hadToCancel = false
    private var table = JobTable()
    private var rejected = 0
    private var arrived: [Job] = []
    /// For calls to come.
    private var spare: [Job] = []
    private var cancelled: [UInt64] = []
    /// How many jobs were being sent at the end of the thread's last turn.
    private var runningCount = 0

    // Of the thread alone.
    private var queues = OperationQueues(operations: OperationTable.all.count + 1)
    /// Those that joined the queues in this turn: the ones that cannot start at once have to wait.
    private var newcomers: [Job] = []
    private var pauses = TimeHeap()
    private var deadlines = TimeHeap()
    private var running = RunningJobs()
    private var idle: [Transfer] = []
    private var ended: [Job] = []
    /// What they are in a turn: taken over, on their way to `trillet_next`, and to a callback.
    private var arrivals: [Job] = []
    private var fetched: [Job] = []
    private var called: [Job] = []
    /// Jobs of this turn to be used again.
    private var done: [Job] = []
    private var isInLine = false

    /// Idle handles kept while nothing is under way.
    private static let keptTransfers = 64
    private static let keptJobs = 64

    /// nil when a descriptor, memory or a thread is not to be had.
    static func start(for client: Client) -> Dispatcher? {
        guard let lock = Lock(),
            let loop = EventLoop.make(maxConnections: client.options.maxConnections)
        else { return nil }
        let dispatcher = Dispatcher(client, loop, lock)
        let context = Unmanaged.passUnretained(dispatcher).toOpaque()
        guard let thread = shim_thread_start("trillet-io", runDispatcher, context) else {
            loop.close()
            return nil
        }
        dispatcher.thread = thread
        client.observer.waker = loop.waker
        return dispatcher
    }

    private init(_ client: Client, _ loop: EventLoop, _ lock: Lock) {
        self.client = client
        admission = client.admission
        completions = client.completions
        self.loop = loop
        self.lock = lock
    }

    deinit {
        if let thread { shim_thread_free(thread) }
    }

    var isCurrentThread: Bool {
        guard let thread else { return false }
        return shim_thread_is_current(thread) != 0
    }

    // MARK: The host's threads

    /// A job to be prepared and submitted.
    func makeJob() -> Job {
        lock.acquire()
        let spare = spare.popLast()
        lock.release()
        return spare ?? Job()
    }

    /// Takes a job over; 0 when the client is closed.
    @_optimize(speed)
    func submit(_ job: Job) -> UInt64 {
        let completed = completions.count
        lock.acquire()
        guard phase == .open else {
            lock.release()
            return 0
        }
        let most = client.options.maxInFlight + client.options.maxQueued
        if job.state != .ended, table.count + completed >= most {
            rejected += 1
            if job.done == nil {
                let id = table.makeID()
                lock.release()
                completions.append(job.refuse(of: client), for: id)
                return id
            }
            job.end(RefusedCall.failure, of: client)
        }
        let id = table.insert(job)
        arrived.append(job)
        lock.release()
        loop.waker.wake()
        // Last of all: the host shall have the id before its callback is told of it.
        job.submitReturns()
        return id
    }

    /// Whether the job was still under way.
    func cancel(_ id: UInt64) -> Bool {
        lock.acquire()
        let isKnown = table.find(id) != nil
        if isKnown { cancelled.append(id) }
        lock.release()
        if isKnown { loop.waker.wake() }
        return isKnown
    }

    /// Jobs refused because too many wait.
    var rejectedJobs: Int {
        lock.acquire()
        defer { lock.release() }
        return rejected
    }

    /// Jobs that wait for their turn or for another attempt.
    var waitingJobs: Int {
        lock.acquire()
        defer { lock.release() }
        return max(0, table.count - runningCount)
    }

    func refuseNewJobs() {
        lock.acquire()
        if phase == .open { phase = .closing }
        lock.release()
        loop.waker.wake()
    }

    /// Lets the jobs end until the deadline, cancels the rest, and ends the thread; false when it
    /// had to cancel.
    func finish(until deadline: MonotonicTime) -> Bool {
        lock.acquire()
        while phase != .stopped, lock.wait(until: deadline) {}
        if phase == .closing {
            phase = .cancelling
            loop.waker.wake()
        }
        while phase != .stopped { _ = lock.wait(until: .distantFuture) }
        let isInTime = !hadToCancel
        let isFirst = !isJoining
        isJoining = true
        while !isFirst, !isJoined { _ = lock.wait(until: .distantFuture) }
        lock.release()
        if isFirst { join() }
        return isInTime
    }

    private func join() {
        if let thread { shim_thread_join(thread) }
        lock.acquire()
        isJoined = true
        lock.broadcast()
        lock.release()
    }

    // MARK: The thread

    fileprivate func run() {
        while true {
            takeArrivals()
            resumePaused()
            let turn = startQueued()
            loop.runTimer()
            if takeFinished(), queues.count > 0 { loop.waker.wake() }
            publish()
            deliverLog()
            if isDone() { break }
            loop.wait(until: wakeTime(turn))
            _ = takeFinished()
        }
        endLog()
        idle = []
        loop.close()
        lock.acquire()
        phase = .stopped
        lock.broadcast()
        lock.release()
    }

    private func takeArrivals() {
        lock.acquire()
        swap(&arrived, &arrivals)
        let ids = cancelled
        if !ids.isEmpty { cancelled = [] }
        while spare.count < Dispatcher.keptJobs, let job = done.popLast() { spare.append(job) }
        var doomed = ids.compactMap { table.find($0) }
        if phase == .cancelling {
            doomed = table.all
            if doomed.contains(where: { $0.state != .ended }) { hadToCancel = true }
        }
        lock.release()
        if !arrivals.isEmpty { admission.giveTurns(to: arrivals) }
        done.removeAll(keepingCapacity: true)
        for job in arrivals {
            if job.state == .ended {
                ended.append(job)
            } else {
                queues.append(job)
                newcomers.append(job)
            }
        }
        Dispatcher.empty(&arrivals)
        for job in doomed { cancel(job) }
    }

    private func resumePaused() {
        guard !(pauses.count == 0 && deadlines.count == 0) else { return }
        let now = MonotonicTime.now
        while let id = pauses.popFirst(before: now) {
            guard let job = find(id), job.state == .pausing else { continue }
            job.state = .queued
            queues.prepend(job)
            newcomers.append(job)
        }
        expire(before: now, Admission.noTurn)
    }

    private func expire(before time: MonotonicTime, _ failure: @autoclosure () -> Failure) {
        while let id = deadlines.popFirst(before: time) {
            guard let job = find(id), job.state == .queued else { continue }
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

    private func find(_ id: UInt64) -> Job? {
        lock.acquire()
        defer { lock.release() }
        return table.find(id)
    }

    /// Starts what may start; returns when to try again.
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
            guard let job = find(id) else { return true }
            return job.state != .queued
        }
    }

    private func start(_ job: Job) {
        noteTurn(of: job)
        guard let transfer = idle.popLast() ?? loop.makeTransfer(client.settings) else {
            admission.leaveLoop()
            return fail(job, Failure.outOfMemory)
        }
        do throws(Failure) {
            job.call?.noteAttempt(of: client)
            try job.call?.begin(on: transfer)
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
    private func takeFinished() -> Bool {
        var count = 0
        while let (transfer, result) = loop.nextFinished() {
            count += 1
            guard let job = running.remove(transfer.owner) else { continue }
            job.transfer = nil
            judge(job, transfer, result)
            recycle(transfer)
        }
        if count > 0 { admission.leaveLoop(count) }
        return count > 0
    }

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

    private func cancel(_ job: Job) {
        switch job.state {
        case .ended:
            return
        case .queued:
            queues.noteEnd()
            noteTurn(of: job)
            fail(job, Dispatcher.cancelledUnsent)
        case .pausing:
            fail(job, Dispatcher.cancelledUnsent)
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

    private func recycle(_ transfer: Transfer) {
        transfer.becomeIdle()
        if running.isEmpty, queues.count == 0, idle.count >= Dispatcher.keptTransfers {
            idle.removeSubrange((Dispatcher.keptTransfers - 1)..<idle.count)
        }
        idle.append(transfer)
    }

    // MARK: Handing over

    /// Tells the host what has ended.
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
        lock.acquire()
        for job in fetched { table.remove(job.id) }
        for job in called { table.remove(job.id) }
        lock.release()
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
        while index < jobs.count, done.count < Dispatcher.keptJobs {
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
        done(job.userData, job.id, finished.text)
        finished.free()
    }

    private func deliverLog() {
        let log = client.observer.log
        guard log.isEnabled(.error) else { return }
        log.deliver()
        if log.hasLines { loop.waker.wake() }
    }

    /// Hands over what is left: from now on nobody would.
    private func endLog() {
        let log = client.observer.log
        while log.hasLines { log.deliver() }
        _ = log.set(level: .off, function: nil, userData: nil, calledFrom: true)
    }

    private func isDone() -> Bool {
        lock.acquire()
        defer { lock.release() }
        runningCount = running.count
        return phase != .open && table.isEmpty && arrived.isEmpty
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

/// The jobs that are being sent, by the number that their transfers carry.
private struct RunningJobs {
    private var jobs: [Job?] = []
    private var free: [Int] = []

    var count: Int { jobs.count - free.count }
    var isEmpty: Bool { jobs.count == free.count }

    mutating func insert(_ job: Job) -> Int {
        let index = free.popLast() ?? jobs.count
        if index == jobs.count { jobs.append(nil) }
        jobs[index] = job
        return index
    }

    mutating func remove(_ index: Int) -> Job? {
        guard index < jobs.count, let job = jobs[index] else { return nil }
        jobs[index] = nil
        free.append(index)
        return job
    }
}
