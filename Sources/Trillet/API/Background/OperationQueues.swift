/// The jobs that wait to be sent, in the order of their turns.
///
/// Within an operation that is the order in which they came, so a queue for each is enough.
struct OperationQueues {
    private var queues: [Queue<Job>]
    /// Those that are not empty: mostly one or two of them.
    private var occupied: [Int] = []
    /// Jobs that have not ended meanwhile.
    private(set) var count = 0

    init(operations: Int) {
        queues = Array(repeating: Queue<Job>(), count: operations)
    }

    @_optimize(speed)
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

    private mutating func enter(_ index: Int) {
        if queues[index].isEmpty { occupied.append(index) }
    }

    /// A job has ended where it waits; it is passed over when its turn comes.
    mutating func noteEnd() {
        count -= 1
    }

    /// The turn of the job that comes first, and the queue that it waits in.
    @_optimize(speed)
    mutating func first(_ turns: TurnCounter) -> (turn: Turn, queue: Int)? {
        if count == 0 { return nil }
        var best: (turn: Turn, place: Place, queue: Int)?
        var position = 0
        while position < occupied.count {
            let index = occupied[position]
            guard let turn = firstTurn(of: index) else {
                leave(index)
                continue
            }
            position += 1
            let place = turns.place(of: turn)
            if let best, best.place < place { continue }
            best = (turn, place, index)
        }
        guard let best else { return nil }
        return (best.turn, best.queue)
    }

    private mutating func firstTurn(of index: Int) -> Turn? {
        while let job = queues[index].first {
            if job.state == .queued { return job.turn }
            _ = queues[index].popFirst()
        }
        return nil
    }

    @_optimize(speed)
    mutating func popFirst(of queue: Int) -> Job? {
        guard let job = queues[queue].popFirst() else { return nil }
        if queues[queue].isEmpty { leave(queue) }
        count -= 1
        return job
    }

    private mutating func leave(_ index: Int) {
        guard let position = occupied.firstIndex(of: index) else { return }
        occupied.swapAt(position, occupied.count - 1)
        occupied.removeLast()
    }
}
