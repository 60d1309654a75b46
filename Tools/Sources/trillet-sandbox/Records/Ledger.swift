import NIOConcurrencyHelpers

/// What became of every request: how often it came, whether it had an effect, whether it was
/// answered. With it a test can tell that nothing was done twice, and nothing lost.
final class Ledger: Sendable {
    /// Something that a request changed: `call.placed` and the call's id.
    struct Effect: Sendable {
        let kind: String
        let id: String
    }

    /// How much of the answer was given to the connection.
    enum AnswerState: String, Sendable {
        case none, partial, complete
    }

    /// Requests with the same identifier are attempts at the same thing.
    struct Key: Hashable, Sendable {
        let requestId: String
        let operation: String
    }

    /// Where an attempt is written down.
    struct Ticket: Sendable {
        fileprivate let key: Key
        fileprivate let index: Int
        fileprivate let generation: Int
    }

    struct Totals: Sendable {
        var received = 0
        var effects = 0
        var answered = 0

        var json: JSON {
            [
                "received": .number(received), "effects": .number(effects),
                "answered": .number(answered),
            ]
        }
    }

    private struct State: Sendable {
        var generation = 0
        var entries: [Key: LedgerEntry] = [:]
        /// The keys in the order of their first attempts; those before `oldest` are dropped.
        var order: [Key] = []
        var oldest = 0
        var dropped = 0
        var totals: [String: Totals] = [:]

        mutating func dropOldest() {
            entries[order[oldest]] = nil
            oldest += 1
            dropped += 1
            guard oldest > order.count / 2 else { return }
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    static let capacity = 100_000
    private let capacity: Int
    private let state = NIOLockedValueBox(State())

    init(capacity: Int = Ledger.capacity) {
        self.capacity = capacity
    }

    /// Writes an attempt down that has just come.
    func received(_ key: Key, method: String, path: String, _ attempt: LedgerEntry.Attempt)
        -> Ticket
    {
        state.withLockedValue { state in
            state.totals[key.operation, default: Totals()].received += 1
            if state.entries[key] == nil {
                if state.entries.count >= capacity { state.dropOldest() }
                state.entries[key] = LedgerEntry(method: method, path: path)
                state.order.append(key)
            }
            let index = state.entries[key]!.add(attempt)
            return Ticket(key: key, index: index, generation: state.generation)
        }
    }

    func readWhole(_ ticket: Ticket) {
        change(ticket) { $0.wasReadWhole = true }
    }

    func effect(_ effect: Effect, of ticket: Ticket) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            state.totals[ticket.key.operation, default: Totals()].effects += 1
            state.entries[ticket.key]?.change(ticket.index) { $0.effect = effect }
        }
    }

    func ended(_ ticket: Ticket, status: Int, answer: AnswerState) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            if answer == .complete {
                state.totals[ticket.key.operation, default: Totals()].answered += 1
            }
            state.entries[ticket.key]?.change(ticket.index) { attempt in
                attempt.status = status
                attempt.answer = answer
            }
        }
    }

    private func change(_ ticket: Ticket, _ body: (inout LedgerEntry.Attempt) -> Void) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            state.entries[ticket.key]?.change(ticket.index, body)
        }
    }

    func clear() {
        state.withLockedValue { $0 = State(generation: $0.generation + 1) }
    }

    /// The newest `limit` entries that fit, oldest first, and the totals of everything since the
    /// start, dropped entries too.
    func json(requestId: String?, operation: String?, limit: Int) -> JSONObject {
        let snapshot = state.withLockedValue { $0 }
        var found: [JSON] = []
        var matching = 0
        for key in snapshot.order[snapshot.oldest...].reversed() {
            guard requestId == nil || requestId == key.requestId,
                operation == nil || operation == key.operation
            else { continue }
            matching += 1
            if found.count < limit, let entry = snapshot.entries[key] {
                found.append(.object(entry.json(key)))
            }
        }
        var totals = JSONObject()
        for name in snapshot.totals.keys.sorted() { totals[name] = snapshot.totals[name]?.json }
        return [
            "entries": .array(found.reversed()), "matching": .number(matching),
            "dropped": .number(snapshot.dropped), "totals": .object(totals),
        ]
    }
}
