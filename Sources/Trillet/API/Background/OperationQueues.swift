/// The jobs that wait to be sent: a queue for each operation, which take turns, so that ten thousand
/// look-ups do not hold up one call.
struct OperationQueues {
    private var queues: [Queue<Job>]
    private var next = 0
    /// Jobs that have not ended meanwhile.
    private(set) var count = 0

    init(operations: Int) {
        queues = Array(repeating: Queue<Job>(), count: operations)
    }

    mutating func append(_ job: Job) {
        queues[job.target.index].append(job)
        count += 1
    }

    /// For a job that had its turn before.
    mutating func prepend(_ job: Job) {
        queues[job.target.index].prepend(job)
        count += 1
    }

    /// A job has ended where it waits; it is passed over when its turn comes.
    mutating func noteEnd() {
        count -= 1
    }

    mutating func popFirst() -> Job? {
        while count > 0 {
            let index = next
            next = (next + 1) % queues.count
            while let job = queues[index].popFirst() {
                guard job.state == .queued else { continue }
                count -= 1
                return job
            }
        }
        return nil
    }
}
