/// A place in the line: first come, first served within an operation, while operations take turns.
///
/// Start-time fair queueing: every request of an operation is served in a later round than the one
/// before it, so a request waits for no more of another operation than of its own. Its round is
/// counted from the requests that were served, not from those that came: whoever gives up while
/// waiting costs the operation nothing. docs/decisions.md, fair-turns.
struct Turn {
    fileprivate let operation: Int
    fileprivate let arrival: UInt64
    /// The round that was being served when it came.
    fileprivate let arrivalRound: UInt64
}

/// Where a turn stands at a moment; serving others can only move it back.
struct Place: Comparable {
    fileprivate let round: UInt64
    fileprivate let arrival: UInt64

    static func < (one: Place, other: Place) -> Bool {
        one.round == other.round ? one.arrival < other.arrival : one.round < other.round
    }
}

/// Hands out turns, and decides who comes first.
struct TurnCounter {
    private var lastArrival: UInt64 = 0
    /// The latest round of all.
    private var round: UInt64 = 0
    /// The round in which each operation was served last.
    private var servedRounds: [UInt64]

    init(operations: Int) {
        servedRounds = Array(repeating: 0, count: operations)
    }

    mutating func next(for operation: Int) -> Turn {
        lastArrival += 1
        return Turn(operation: operation, arrival: lastArrival, arrivalRound: round)
    }

    func place(of turn: Turn) -> Place {
        let round = max(turn.arrivalRound, servedRounds[turn.operation]) + 1
        return Place(round: round, arrival: turn.arrival)
    }

    mutating func serve(_ turn: Turn) {
        let served = place(of: turn).round
        servedRounds[turn.operation] = served
        round = max(round, served)
    }
}
