/// What the dispatcher's thread shares with the host's threads: the jobs that have not ended, those
/// that have just arrived, those to be cancelled, and whether more may come.
final class JobInbox {
    private enum Phase {
        case open
        /// Takes no new job and ends those it has.
        case closing
        /// Ends what is left at once.
        case cancelling
        case stopped
    }

    enum Entry {
        case accepted(id: UInt64)
        /// There was no room, and there is nobody to call.
        case refused(id: UInt64)
        case closed
    }

    private let mostJobs: Int
    private let lock: Lock
    private var phase = Phase.open
    /// 1 once nothing is driven any more: read without the lock.
    private let stoppedFlag = SharedNumber()
    private var hadToCancel = false
    /// Until the thread has seen it.
    private var isEndNew = false
    private var table = JobTable()
    private var arrived: [Job] = []
    private var cancelled: [UInt64] = []
    private var openings: [ConnectionOpening] = []
    /// For calls to come.
    private var spare: [Job] = []
    private var refused = 0
    /// How many jobs were being sent at the end of the thread's last turn.
    private var runningCount = 0

    // docs/decisions.md, reused-jobs.
    static let keptJobs = 64

    /// nil when there is no memory for its lock.
    init?(mostJobs: Int) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.mostJobs = mostJobs
    }

    // MARK: The host's threads

    /// A job to be prepared and entered.
    func makeJob() -> Job {
        lock.acquire()
        let spare = spare.popLast()
        lock.release()
        return spare ?? Job()
    }

    /// Takes a job over. `completed` answers that nobody has fetched take room too.
    @_optimize(speed)
    func enter(_ job: Job, completed: Int) -> Entry {
        lock.acquire()
        defer { lock.release() }
        guard phase == .open else { return .closed }
        // A blocking function needs no room, and the next answer of a series is what one gives.
        if job.isWaiting, job.series == nil, table.count + completed >= mostJobs {
            refused += 1
            if job.done == nil { return .refused(id: table.makeID()) }
            job.refuse()
        }
        let id = table.insert(job)
        arrived.append(job)
        return .accepted(id: id)
    }

    /// Whether the job was still under way.
    func cancel(_ id: UInt64) -> Bool {
        lock.acquire()
        defer { lock.release() }
        guard table.find(id) != nil else { return false }
        cancelled.append(id)
        return true
    }

    /// Jobs for which there was no room.
    var refusedJobs: Int {
        lock.acquire()
        defer { lock.release() }
        return refused
    }

    /// Jobs that wait for their turn or for another attempt.
    var waitingJobs: Int {
        lock.acquire()
        defer { lock.release() }
        return max(0, table.count - runningCount)
    }

    /// False when the client is closed.
    func enter(_ opening: ConnectionOpening) -> Bool {
        lock.acquire()
        defer { lock.release() }
        guard phase == .open else { return false }
        openings.append(opening)
        return true
    }

    // MARK: Closing

    func close() {
        lock.acquire()
        if phase == .open { phase = .closing }
        isEndNew = true
        lock.release()
    }

    /// Takes no new job, and has the thread end those that are not being sent.
    func drain() {
        lock.acquire()
        if phase == .open { phase = .closing }
        isEndNew = true
        lock.release()
    }

    func cancelAll() {
        lock.acquire()
        if phase == .closing { phase = .cancelling }
        lock.release()
    }

    /// False when the thread still worked at the deadline.
    func waitUntilStopped(_ deadline: MonotonicTime, _ interrupt: inout RequestInterrupt) -> Bool {
        lock.acquire()
        defer { lock.release() }
        while phase != .stopped {
            guard lock.wait(until: deadline, &interrupt) else { return phase == .stopped }
        }
        return true
    }

    /// Whether nothing is driven any more.
    var hasStopped: Bool { stoppedFlag.load() != 0 }

    /// Whether every job ended by itself.
    var isCancelFree: Bool {
        lock.acquire()
        defer { lock.release() }
        return !hadToCancel
    }

    // MARK: The thread

    /// Hands over the jobs that have arrived and returns those to be cancelled, and those to be
    /// cancelled unless they are being sent. Takes `done` ones back for calls to come.
    func take(
        _ arrivals: inout [Job],
        returning done: inout [Job]
    ) -> (doomed: [Job], unsent: [Job]) {
        lock.acquire()
        defer { lock.release() }
        swap(&arrived, &arrivals)
        while spare.count < JobInbox.keptJobs, let job = done.popLast() { spare.append(job) }
        if phase == .cancelling {
            let doomed = table.all
            if doomed.contains(where: { $0.isUnderWay }) { hadToCancel = true }
            cancelled = []
            return (doomed, [])
        }
        let unsent = isEndNew ? table.all : []
        isEndNew = false
        if cancelled.isEmpty { return ([], unsent) }
        let doomed = cancelled.compactMap { table.find($0) }
        cancelled = []
        return (doomed, unsent)
    }

    func takeOpenings() -> [ConnectionOpening] {
        lock.acquire()
        defer { lock.release() }
        defer { openings = [] }
        return openings
    }

    func find(_ id: UInt64) -> Job? {
        lock.acquire()
        defer { lock.release() }
        return table.find(id)
    }

    func remove(_ jobs: [Job], _ others: [Job]) {
        lock.acquire()
        for job in jobs { table.remove(job.id) }
        for job in others { table.remove(job.id) }
        lock.release()
    }

    /// Notes the end of a turn; true when nothing is left to do and nothing more will come.
    func endTurn(running: Int) -> Bool {
        lock.acquire()
        defer { lock.release() }
        runningCount = running
        return phase != .open && table.isEmpty && arrived.isEmpty
    }

    /// Nothing is driven in a forked child.
    func forget() { stoppedFlag.store(1) }

    func stop() {
        lock.acquire()
        phase = .stopped
        stoppedFlag.store(1)
        lock.broadcast()
        lock.release()
    }
}
