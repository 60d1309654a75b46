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
        fileprivate let operation: String
        fileprivate let entry: Int
        fileprivate let attempt: Int
        fileprivate let generation: Int
    }

    private struct Totals: Sendable {
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
        /// Tells the tickets of before a ``Ledger/clear()``.
        var generation = 0
        var entries = BoundedLog<LedgerEntry>()
        /// About as many bytes as the entries hold on to.
        var size = 0
        /// The numbers of the entries.
        var numbers: [Key: Int] = [:]
        var totals: [String: Totals] = [:]

        mutating func makeRoom(for entry: LedgerEntry) {
            size += entry.size
            while entries.count >= Ledger.capacity || size > Ledger.largestSize,
                let old = entries.dropOldest()
            {
                numbers[old.key] = nil
                size -= old.size
            }
        }
    }

    static let capacity = 100_000
    /// Paths may be as long as the headers of a request.
    private static let largestSize = 134_217_728
    private let state = NIOLockedValueBox(State())

    /// Writes an attempt down that has just come.
    func received(_ key: Key, method: String, path: String, _ attempt: LedgerEntry.Attempt)
        -> Ticket
    {
        state.withLockedValue { state in
            state.totals[key.operation, default: Totals()].received += 1
            var index = 0
            let number: Int
            if let known = state.numbers[key] {
                number = known
                var growth = 0
                state.entries.change(number) { entry in
                    growth -= entry.size
                    index = entry.add(attempt)
                    growth += entry.size
                }
                state.size += growth
            } else {
                let entry = LedgerEntry(key: key, method: method, path: path, first: attempt)
                state.makeRoom(for: entry)
                number = state.entries.append(entry)
                state.numbers[key] = number
            }
            return Ticket(
                operation: key.operation,
                entry: number,
                attempt: index,
                generation: state.generation
            )
        }
    }

    func readWhole(_ ticket: Ticket) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            state.entries.change(ticket.entry) { $0.readWhole(ticket.attempt) }
        }
    }

    func effect(_ effect: Effect, of ticket: Ticket) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            state.totals[ticket.operation, default: Totals()].effects += 1
            state.entries.change(ticket.entry) { $0.hadEffect(effect, ticket.attempt) }
        }
    }

    func ended(_ ticket: Ticket, status: Int, answer: AnswerState) {
        state.withLockedValue { state in
            guard ticket.generation == state.generation else { return }
            if answer == .complete {
                state.totals[ticket.operation, default: Totals()].answered += 1
            }
            state.entries.change(ticket.entry) { $0.ended(status, answer, ticket.attempt) }
        }
    }

    func clear() {
        state.withLockedValue { $0 = State(generation: $0.generation + 1) }
    }

    /// The newest `limit` entries that fit, oldest first, and the totals of everything since the
    /// start, dropped entries too.
    func json(requestId: String?, operation: String?, limit: Int) -> JSONObject {
        let (entries, sums) = state.withLockedValue { ($0.entries, $0.totals) }
        let fitting = entries.all.filter { entry in
            (requestId == nil || requestId == entry.key.requestId)
                && (operation == nil || operation == entry.key.operation)
        }
        var totals = JSONObject()
        for name in sums.keys.sorted() { totals[name] = sums[name]?.json }
        return [
            "entries": .array(fitting.suffix(limit).map { .object($0.json) }),
            "matching": .number(fitting.count), "dropped": .number(entries.dropped),
            "totals": .object(totals),
        ]
    }
}
