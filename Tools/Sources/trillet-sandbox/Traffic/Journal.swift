import NIOConcurrencyHelpers

/// The last requests with their answers, for people who want to see what was really sent.
final class Journal: Sendable {
    private struct State: Sendable {
        var entries = BoundedLog<JournalEntry>()
        var size = 0
        var lastSequence = 0
    }

    private static let capacity = 1_000
    private static let largestSize = 16_777_216
    private let state = NIOLockedValueBox(State())
    private let whenAppended: @Sendable (JournalEntry) -> Void

    /// - Parameter whenAppended: Told every entry once it can be read.
    init(whenAppended: @escaping @Sendable (JournalEntry) -> Void) {
        self.whenAppended = whenAppended
    }

    /// Returns the entry's sequence number.
    @discardableResult
    func append(_ entry: JournalEntry) -> Int {
        let entry = state.withLockedValue { state in
            state.lastSequence += 1
            var entry = entry
            entry.sequence = state.lastSequence
            _ = state.entries.append(entry)
            state.size += entry.size
            while state.entries.count > Journal.capacity || state.size > Journal.largestSize {
                state.size -= state.entries.dropOldest()?.size ?? 0
            }
            return entry
        }
        whenAppended(entry)
        return entry.sequence
    }

    /// Sequence numbers go on: who asks for what came after one sees nothing twice.
    func clear() {
        state.withLockedValue { $0 = State(lastSequence: $0.lastSequence) }
    }

    /// The first `limit` entries after the sequence number `after`, or the last `limit` of all.
    func json(after: Int?, limit: Int) -> JSONObject {
        let snapshot = state.withLockedValue { $0 }
        let entries = snapshot.entries.all
        let found: [JournalEntry]
        if let after {
            found = Array(entries.drop { $0.sequence <= after }.prefix(limit))
        } else {
            found = Array(entries.suffix(limit))
        }
        return [
            "entries": .array(found.map { .object($0.json) }),
            "last": .number(snapshot.lastSequence), "dropped": .number(snapshot.entries.dropped),
            "kept": .number(snapshot.entries.count),
        ]
    }
}
