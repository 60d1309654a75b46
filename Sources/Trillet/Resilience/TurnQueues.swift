/// What waits for its turn in `TurnQueues`.
protocol TurnTaker: AnyObject {
    /// Its place in the line, for all its attempts.
    var turn: Turn? { get set }
    /// The number of its operation: operations take turns.
    var operation: Int { get }
    /// False once it has ended where it waits.
    var isWaiting: Bool { get }
}

/// The requests that wait to be sent, in the order of their turns.
///
/// Within an operation that is the order in which they came, so a queue for each is enough.
struct TurnQueues<Request: TurnTaker> {
    private var queues: [Queue<Request>]
    /// Those that are not empty: mostly one or two of them.
    private var occupied: [Int] = []
    /// Requests that have not ended meanwhile.
    private(set) var count = 0

    init(operations: Int) {
        queues = Array(repeating: Queue<Request>(), count: operations)
    }

    @_optimize(speed)
    mutating func append(_ request: Request) {
        enter(request.operation)
        queues[request.operation].append(request)
        count += 1
    }

    /// For a request that had its turn before.
    mutating func prepend(_ request: Request) {
        enter(request.operation)
        queues[request.operation].prepend(request)
        count += 1
    }

    private mutating func enter(_ index: Int) {
        if queues[index].isEmpty { occupied.append(index) }
    }

    /// A request has ended where it waits; it is passed over when its turn comes.
    mutating func noteEnd() {
        count -= 1
    }

    /// The turn of the request that comes first, and the queue that it waits in.
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
        while let request = queues[index].first {
            if request.isWaiting { return request.turn }
            _ = queues[index].popFirst()
        }
        return nil
    }

    @_optimize(speed)
    mutating func popFirst(of queue: Int) -> Request? {
        guard let request = queues[queue].popFirst() else { return nil }
        if queues[queue].isEmpty { leave(queue) }
        count -= 1
        return request
    }

    private mutating func leave(_ index: Int) {
        guard let position = occupied.firstIndex(of: index) else { return }
        occupied.swapAt(position, occupied.count - 1)
        occupied.removeLast()
    }
}
