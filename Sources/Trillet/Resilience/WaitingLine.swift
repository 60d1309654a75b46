/// Who waits for a turn: threads of the host, and the event loop with the first of its requests.
struct WaitingLine {
    private var turns: TurnCounter
    /// A request that is sent again keeps its turn and so comes before later ones.
    private var waiters: [Waiter] = []
    /// The event loop's place, as it was when it looked.
    private var loopPlace: Place?
    private var loopWaker: Waker?

    final class Waiter {
        let turn: Turn
        let condition: Condition
        fileprivate(set) var isAdmitted = false

        init(_ turn: Turn, _ condition: Condition) {
            self.turn = turn
            self.condition = condition
        }
    }

    init(operations: Int) {
        turns = TurnCounter(operations: operations)
    }

    var isEmpty: Bool { waiters.isEmpty && loopPlace == nil }

    var hasWaiters: Bool { !waiters.isEmpty }

    var hasLoop: Bool { loopPlace != nil }

    mutating func nextTurn(of operation: Int) -> Turn { turns.next(for: operation) }

    mutating func append(_ waiter: Waiter) { waiters.append(waiter) }

    mutating func remove(_ waiter: Waiter) { waiters.removeAll { $0 === waiter } }

    /// The thread that comes first, unless the event loop does.
    var next: Waiter? {
        guard let (waiter, place) = firstWaiter else { return nil }
        if let loopPlace, loopPlace < place { return nil }
        return waiter
    }

    mutating func admit(_ waiter: Waiter) {
        remove(waiter)
        waiter.isAdmitted = true
        turns.serve(waiter.turn)
        waiter.condition.signal()
    }

    /// Whether the thread would come first without the event loop.
    func isFirst(_ waiter: Waiter) -> Bool { firstWaiter?.waiter === waiter }

    // MARK: The event loop

    /// The turn of the loop's request that comes first, and the queue that it waits in.
    func first<Request>(of queues: inout TurnQueues<Request>) -> (turn: Turn, queue: Int)? {
        queues.first(turns)
    }

    mutating func enterLoop(with turn: Turn, _ waker: Waker) {
        loopPlace = turns.place(of: turn)
        loopWaker = waker
    }

    /// Whether a thread comes before the loop's request.
    func hasWaiter(before turn: Turn) -> Bool {
        guard let (_, place) = firstWaiter else { return false }
        return place < turns.place(of: turn)
    }

    mutating func serveLoop(_ turn: Turn) {
        turns.serve(turn)
        loopPlace = nil
    }

    mutating func leaveLoop() { loopPlace = nil }

    // MARK: Waking

    func wakeLoop() { if hasLoop { loopWaker?.wake() } }

    /// Has the first thread look how long the event loop has been left alone.
    func wakeFirst() { firstWaiter?.waiter.condition.signal() }

    func wakeWaiters() { for waiter in waiters { waiter.condition.signal() } }

    private var firstWaiter: (waiter: Waiter, place: Place)? {
        var first: (waiter: Waiter, place: Place)?
        for waiter in waiters {
            let place = turns.place(of: waiter.turn)
            if let first, first.place < place { continue }
            first = (waiter, place)
        }
        return first
    }
}
