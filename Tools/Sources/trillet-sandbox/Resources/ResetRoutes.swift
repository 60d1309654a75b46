import GRDB
import Hummingbird

/// Forgetting everything: as if the sandbox had just been started on a new database.
struct ResetRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let seed: SimulationSeed
    /// Those that exist from the start.
    let accounts: [Account]
    /// What is kept outside the database, each to be emptied.
    let forgetting: [@Sendable () async -> Void]

    var routes: [ControlRoute] {
        [ControlRoute(.post, "/sandbox/reset", reset)]
    }

    @Sendable private func reset(_ exchange: ControlExchange) async throws -> Response {
        let chosen = try ResetRoutes.seed(try await exchange.jsonObject())
        let before = (clock.reading, seed.value)
        do {
            try await store.write { try emptyDatabase($0, seed: chosen) }
        } catch {
            clock.restore(before.0)
            seed.reset(to: before.1)
            throw error
        }
        for forget in forgetting { await forget() }
        return Answer(["status": "success", "seed": .number(String(seed.value))]).response
    }

    private func emptyDatabase(_ database: Database, seed chosen: UInt64?) throws {
        try database.forgetEverything()
        // In the transaction: no other one sees the old data at the new time.
        clock.reset()
        seed.reset(to: chosen)
        let reading = clock.reading
        for account in accounts { try Accounts.ensure(account, at: reading.now, database) }
        try Setting.saveClock(reading, database)
    }

    private static func seed(_ body: JSONObject) throws -> UInt64? {
        if let unknown = body.keys.first(where: { $0 != "seed" }) {
            throw Failure.control("\"\(unknown)\" is not known; use seed")
        }
        guard let value = body["seed"], value != .null else { return nil }
        guard case .number(let text) = value, let seed = UInt64(text) else {
            throw Failure.control("seed must be a whole number from 0 to \(UInt64.max)")
        }
        return seed
    }
}

extension Database {
    /// Empties every table but the list of migrations; numbers start at 1 again.
    fileprivate func forgetEverything() throws {
        try execute(sql: "PRAGMA defer_foreign_keys = ON")
        let tables = try String.fetchAll(
            self,
            sql: """
                SELECT name FROM sqlite_master
                WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    AND name <> 'grdb_migrations'
                ORDER BY rowid DESC
                """
        )
        for table in tables { try execute(sql: "DELETE FROM \"\(table)\"") }
        try execute(sql: "DELETE FROM sqlite_sequence")
    }
}
