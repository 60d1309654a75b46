/// A place in the line: first come, first served within an operation, while operations take turns.
///
/// Start-time fair queueing: every request of an operation has a later round than the one before it,
/// so a request waits for no more of another operation than of its own.
struct Turn: Comparable {
    fileprivate let round: UInt64
    fileprivate let arrival: UInt64

    static func < (one: Turn, other: Turn) -> Bool {
        one.round == other.round ? one.arrival < other.arrival : one.round < other.round
    }
}

/// Hands out places in the line.
struct TurnCounter {
    private var lastArrival: UInt64 = 0
    /// The round of the request served last.
    private var round: UInt64 = 0
    private var lastRounds: [UInt64]

    init(operations: Int) {
        lastRounds = Array(repeating: 0, count: operations)
    }

    mutating func next(for operation: Int) -> Turn {
        lastArrival += 1
        let own = max(round, lastRounds[operation]) + 1
        lastRounds[operation] = own
        return Turn(round: own, arrival: lastArrival)
    }

    mutating func serve(_ turn: Turn) {
        round = max(round, turn.round)
    }
}
