/// What the sandbox remembers of the requests themselves, and the faults ordered for them. It is
/// kept in memory, within bounds.
struct Traffic: Sendable {
    let ledger = Ledger()
    let journal: Journal
    let rules: FaultRules

    init(seed: UInt64, whenAppended: @escaping @Sendable (JournalEntry) -> Void) {
        journal = Journal(whenAppended: whenAppended)
        rules = FaultRules(seed: seed)
    }

    /// Forgets everything, as after a start with `seed`.
    func reset(seed: UInt64) {
        ledger.clear()
        journal.clear()
        rules.reset(seed: seed)
    }

    func routes(_ operations: OperationNames) -> [ControlRoute] {
        FaultRoutes(rules: rules, operations: operations.all).routes + [
            ControlRoute(.get, "/sandbox/ledger") { exchange in
                Answer(
                    ledger.json(
                        requestId: exchange.query("requestId"),
                        operation: exchange.query("operation"),
                        limit: try Traffic.number("limit", exchange, most: Ledger.capacity) ?? 1_000
                    )
                ).response
            },
            ControlRoute(.get, "/sandbox/journal") { exchange in
                Answer(
                    journal.json(
                        after: try Traffic.number("after", exchange, most: Int.max),
                        limit: try Traffic.number("limit", exchange, most: 1_000) ?? 100
                    )
                ).response
            },
        ]
    }

    private static func number(_ name: String, _ exchange: ControlExchange, most: Int) throws
        -> Int?
    {
        guard let text = exchange.query(name) else { return nil }
        guard let number = Int(text), (0...most).contains(number) else {
            var failure = Failure.invalid("\(name) must be a whole number, not \"\(text)\"")
            failure.shape = .nested
            throw failure
        }
        return number
    }
}
