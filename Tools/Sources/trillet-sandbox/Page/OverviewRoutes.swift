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
                JSON.object(try WorkspaceOverview(id: $0, now: clock.now, database).json())
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
    private let agentNames: [String: String]

    /// How many of a kind are listed; the totals tell how many there are.
    private static let most = 100
    private static let mostBatches = 25

    /// Only of those that anything listed belongs to: there may be very many agents.
    private static let namesOfListedAgents =
        "SELECT id, document ->> '$.name' AS name FROM agent WHERE id IN ("
        + ["flow", "phoneNumber", "batch", "call"].map {
            """
            SELECT agentId FROM (
                SELECT agentId FROM \($0) WHERE workspaceId = :workspace
                ORDER BY sequence DESC LIMIT :most
            )
            """
        }.joined(separator: " UNION ") + ")"

    private static let listedAgents =
        "SELECT id FROM agent WHERE workspaceId = :workspace ORDER BY sequence DESC LIMIT :most"

    init(id: String, now: Int64, _ database: Database) throws {
        self.id = id
        self.now = now
        self.database = database
        agentNames = Dictionary(
            try Row.fetchAll(
                database,
                sql: WorkspaceOverview.namesOfListedAgents,
                arguments: ["workspace": id, "most": WorkspaceOverview.most]
            ).map { ($0["id"] as String, $0["name"] as String? ?? "") },
            uniquingKeysWith: { $1 }
        )
    }

    func json() throws -> JSONObject {
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

    private func agentFields(_ agent: String?) -> JSONObject {
        [
            "agentId": agent.map(JSON.string) ?? .null,
            "agentName": agent.flatMap { agentNames[$0] }.map(JSON.string) ?? .null,
        ]
    }

    private func agents() throws -> [JSON] {
        let active = try activeCalls()
        var numbers: [String: [JSON]] = [:]
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT agentId, number FROM phoneNumber
                WHERE workspaceId = :workspace AND agentId IN (\(WorkspaceOverview.listedAgents))
                ORDER BY sequence
                """,
            arguments: ["workspace": id, "most": WorkspaceOverview.most]
        ) {
            numbers[row["agentId"], default: []].append(.string(row["number"]))
        }
        return try newest("agent", AgentRecord.self).map { agent in
            let fields = try agent.fields()
            let voice = fields["ttsModel"]?.objectValue
            return [
                "id": .string(agent.id), "name": fields["name"] ?? .null,
                "llmModel": fields["llmModel"] ?? .null,
                "voiceProvider": voice?["provider"] ?? .null,
                "voiceId": voice?["voiceId"] ?? .null,
                "numbers": .array(numbers[agent.id] ?? []),
                "activeCalls": .number(active[agent.id] ?? 0),
                "createdAt": .number(agent.createdAt), "updatedAt": .number(agent.updatedAt),
            ]
        }
    }

    private func activeCalls() throws -> [String: Int] {
        var counts: [String: Int] = [:]
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT agentId, count(*) AS calls FROM call
                WHERE workspaceId = :workspace AND endsAt > :now
                    AND agentId IN (\(WorkspaceOverview.listedAgents))
                GROUP BY agentId
                """,
            arguments: ["workspace": id, "now": now, "most": WorkspaceOverview.most]
        ) {
            counts[row["agentId"]] = row["calls"]
        }
        return counts
    }

    private func flows() throws -> [JSON] {
        try newest("flow", FlowRecord.self).map { flow in
            let fields = try flow.fields()
            var json: JSONObject = ["id": .string(flow.id), "name": fields["name"] ?? .null]
            json.add(agentFields(flow.agentId))
            for key in ["direction", "promptType", "welcomeMessage", "prompt"] {
                json[key] = fields[key] ?? .null
            }
            json["isActive"] = .bool(flow.isActive)
            json["createdAt"] = .number(flow.createdAt)
            json["updatedAt"] = .number(flow.updatedAt)
            return .object(json)
        }
    }

    private func numbers() throws -> [JSON] {
        try newest("phoneNumber", PhoneNumberRecord.self).map { number in
            var json: JSONObject = ["id": .string(number.id), "number": .string(number.number)]
            json.add(agentFields(number.agentId))
            json["createdAt"] = .number(number.createdAt)
            return .object(json)
        }
    }

    private func batches() throws -> [JSON] {
        try newest("batch", BatchRecord.self, WorkspaceOverview.mostBatches).map { batch in
            let counts = try JobCounts(batch: batch, database)
            var json: JSONObject = ["id": .string(batch.id)]
            json.add(agentFields(batch.agentId))
            json["status"] = .string(batch.status.rawValue)
            json.add(counts.json)
            json["cancelled"] = .number(counts.cancelled)
            json["createdAt"] = .number(batch.createdAt)
            json["scheduledAt"] = batch.scheduledAt.map(JSON.number) ?? .null
            json["startedAt"] = batch.startedAt.map(JSON.number) ?? .null
            json["finishedAt"] = batch.finishedAt.map(JSON.number) ?? .null
            return .object(json)
        }
    }

    private func calls() throws -> [JSON] {
        try newest("call", CallRecord.self).map { call in
            let state = call.state(at: now)
            let hasEnded = state == .ended
            var json: JSONObject = ["id": .string(call.id), "state": .string(state.rawValue)]
            json.add(agentFields(call.agentId))
            json["flowId"] = .string(call.flowId)
            json["batchId"] =
                call.batchSequence.map { .string(BatchRecord.identifier(sequence: $0)) } ?? .null
            json["fromNumber"] = .string(call.fromNumber)
            json["toNumber"] = .string(call.toNumber)
            json["createdAt"] = .number(call.createdAt)
            json["endedAt"] = hasEnded ? .number(call.endsAt) : .null
            json["outcome"] =
                hasEnded ? (call.error == nil ? "successful" : "failed") : .null
            json["error"] = hasEnded ? call.error.map(JSON.string) ?? .null : .null
            return .object(json)
        }
    }
}
