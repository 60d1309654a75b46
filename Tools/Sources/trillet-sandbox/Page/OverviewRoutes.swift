import GRDB
import Hummingbird

/// `GET /sandbox/overview`: what all workspaces hold, the newest first.
struct OverviewRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/sandbox/overview", overview)]
    }

    @Sendable private func overview(_ exchange: ControlExchange) async throws -> Response {
        let clock = ClockDescription(self.clock)
        let workspaces = try await store.read { database in
            try String.fetchAll(database, sql: "SELECT id FROM workspace ORDER BY id").map {
                var overview = WorkspaceOverview(id: $0, now: clock.now, database)
                return JSON.object(try overview.json())
            }
        }
        return Answer.uncached([
            "version": .string(SandboxCommand.configuration.version),
            "clock": .object(clock.json), "workspaces": .array(workspaces),
        ]).response
    }
}

/// What one workspace holds.
private struct WorkspaceOverview {
    let id: String
    let now: Int64
    let database: Database
    private var names: KnownNames

    /// How many of a kind are listed; the totals tell how many there are.
    private static let most = 100
    private static let mostBatches = 25

    init(id: String, now: Int64, _ database: Database) {
        self.id = id
        self.now = now
        self.database = database
        names = KnownNames(database)
    }

    mutating func json() throws -> JSONObject {
        [
            "id": .string(id),
            "totals": .object(try totals()),
            "agents": .array(try agents()),
            "flows": .array(try flows()),
            "numbers": .array(try numbers()),
            "batches": .array(try batches()),
            "calls": .array(try calls()),
        ]
    }

    private func totals() throws -> JSONObject {
        var totals = JSONObject()
        for (name, table) in [
            ("agents", "agent"), ("flows", "flow"), ("numbers", "phoneNumber"),
            ("batches", "batch"), ("calls", "call"),
        ] {
            let sql = "SELECT count(*) FROM \(table) WHERE workspaceId = ?"
            totals[name] = .number(try Int.fetchOne(database, sql: sql, arguments: [id]) ?? 0)
        }
        return totals
    }

    private func newest<Record: FetchableRecord>(
        _ table: String,
        _ type: Record.Type,
        _ most: Int = WorkspaceOverview.most
    ) throws -> [Record] {
        try Record.fetchAll(
            database,
            sql: "SELECT * FROM \(table) WHERE workspaceId = ? ORDER BY sequence DESC LIMIT ?",
            arguments: [id, most]
        )
    }

    private func agents() throws -> [JSON] {
        try newest("agent", AgentRecord.self).map { try $0.listed(at: now, database) }
    }

    private mutating func flows() throws -> [JSON] {
        try newest("flow", FlowRecord.self).map { try $0.listed(&names) }
    }

    private mutating func numbers() throws -> [JSON] {
        try newest("phoneNumber", PhoneNumberRecord.self).map { try $0.listed(&names) }
    }

    private mutating func batches() throws -> [JSON] {
        try newest("batch", BatchRecord.self, WorkspaceOverview.mostBatches).map {
            .object(try $0.listed(&names, database))
        }
    }

    private mutating func calls() throws -> [JSON] {
        try Int64.fetchAll(
            database,
            sql: "SELECT sequence FROM call WHERE workspaceId = ? ORDER BY sequence DESC LIMIT ?",
            arguments: [id, WorkspaceOverview.most]
        ).compactMap { try ListedCall(sequence: $0, database)?.json(at: now, &names) }
    }
}
