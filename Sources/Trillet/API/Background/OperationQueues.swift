/// The jobs that wait to be sent: a queue for each operation, which take turns, so that ten thousand
/// look-ups do not hold up one call.
struct OperationQueues {
    private var queues: [Queue<Job>]
    /// The operations that have jobs, in the order of their turns: each is in it once.
    private var turns = Queue<Int>()
    /// Jobs that have not ended meanwhile.
    private(set) var count = 0

    init(operations: Int) {
        queues = Array(repeating: Queue<Job>(), count: operations)
    }

    mutating func append(_ job: Job) {
        enter(job.target.index)
        queues[job.target.index].append(job)
        count += 1
    }

    /// For a job that had its turn before.
    mutating func prepend(_ job: Job) {
        enter(job.target.index)
        queues[job.target.index].prepend(job)
        count += 1
    }

    private mutating func enter(_ operation: Int) {
        if queues[operation].isEmpty { turns.append(operation) }
    }

    /// A job has ended where it waits; it is passed over when its turn comes.
    mutating func noteEnd() {
        count -= 1
    }

    mutating func popFirst() -> Job? {
        while let operation = turns.popFirst() {
            while let job = queues[operation].popFirst() {
                guard job.state == .queued else { continue }
                if !queues[operation].isEmpty { turns.append(operation) }
                count -= 1
                return job
            }
        }
        return nil
    }
}
