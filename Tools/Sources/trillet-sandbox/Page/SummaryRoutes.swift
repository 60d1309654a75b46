import GRDB
import Hummingbird

/// `GET /sandbox/summary`: how much of everything a workspace has. `GET /sandbox/about`: what does
/// not change while the sandbox runs.
struct SummaryRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let served: ServedRoutes
    let operations: Set<String>

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, "/sandbox/summary", summary),
            ControlRoute(.get, "/sandbox/about", about),
        ]
    }

    @Sendable private func summary(_ exchange: ControlExchange) async throws -> Response {
        let workspace = PageQuery.workspace(exchange)
        let clock = ClockDescription(self.clock)
        let answer: JSONObject = try await store.read { database in
            let workspaces = try String.fetchAll(
                database.cachedStatement(sql: "SELECT id FROM workspace ORDER BY id")
            )
            var totals = JSONObject()
            for (name, table) in SummaryRoutes.tables {
                let sql = "SELECT count(*) FROM \(table) WHERE workspaceId = ?"
                totals[name] = .number(
                    try Int.fetchOne(database, cached: sql, arguments: [workspace]) ?? 0
                )
            }
            return [
                "clock": .object(clock.json),
                "workspaces": .array(workspaces.map(JSON.string)), "totals": .object(totals),
                "calls": .object(try SummaryRoutes.calls(workspace, at: clock.now, database)),
            ]
        }
        return Answer.uncached(answer).response
    }

    private static let tables = [
        ("agents", "agent"), ("flows", "flow"), ("numbers", "phoneNumber"), ("batches", "batch"),
        ("deliveries", "delivery"),
    ]

    /// The calls by state, those that have ended by how.
    private static func calls(_ workspace: String, at now: Int64, _ database: Database) throws
        -> JSONObject
    {
        let going = CallState.allCases.filter { $0 != .ended }
        let counts =
            ["count(*)", "count(*) FILTER (WHERE endsAt <= :now AND error IS NULL)"]
            + going.map { "count(*) FILTER (WHERE endsAt > :now AND \($0.condition))" }
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT \(counts.joined(separator: ", "))
                    FROM call INDEXED BY callByEnd WHERE workspaceId = :workspace
                    """
            ),
            arguments: ["workspace": workspace, "now": now]
        )
        let figures: [Int] = counts.indices.map { row?[$0] ?? 0 }
        var json: JSONObject = ["total": .number(figures[0])]
        for (index, state) in going.enumerated() {
            json[state.rawValue] = .number(figures[index + 2])
        }
        json["successful"] = .number(figures[1])
        json["failed"] = .number(figures[0] - figures[1...].reduce(0, +))
        return json
    }

    /// The key is told only where it is the one that everybody knows: another one may be real.
    @Sendable private func about(_ exchange: ControlExchange) async throws -> Response {
        let workspace = PageQuery.workspace(exchange)
        let known = SandboxCommand.defaultAccount.apiKey
        let opened = try await store.read { try Accounts.workspaces(ofKey: known, $0) }
        return Answer.uncached([
            "version": .string(SandboxCommand.configuration.version),
            "baseUrl": .string("http://\(exchange.request.host)"),
            "apiKey": opened.contains(workspace) ? .string(known) : .null,
            "routes": .string(served.rawValue),
            "operations": .array(operations.sorted().map(JSON.string)),
        ]).response
    }
}
