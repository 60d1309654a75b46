import GRDB
import Hummingbird

/// `GET /sandbox/agents`, `/sandbox/flows` and `/sandbox/numbers`: any part of these lists, and one
/// agent or flow with everything that is set of it.
struct HoldingRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, "/sandbox/agents") { exchange in
                try await list(exchange, "agent", HoldingRoutes.agent)
            },
            ControlRoute(.get, "/sandbox/flows") { exchange in
                try await list(exchange, "flow", HoldingRoutes.flow)
            },
            ControlRoute(.get, "/sandbox/numbers") { exchange in
                try await list(exchange, "phoneNumber", HoldingRoutes.number)
            },
            ControlRoute(.get, "/sandbox/agents/{id}", agent),
            ControlRoute(.get, "/sandbox/flows/{id}", flow),
        ]
    }

    private typealias Show = @Sendable (Row, Int64, inout KnownNames, Database) throws -> JSON

    private static func searched(_ table: String) -> String {
        table == "phoneNumber"
            ? "instr(number, :search) > 0"
            : "instr(lower(id || ' ' || document), lower(:search)) > 0"
    }

    private func list(_ exchange: ControlExchange, _ table: String, _ show: @escaping Show)
        async throws -> Response
    {
        let query = try PageQuery(exchange)
        let agent = query.text("agentId")
        let now = clock.now
        var page = TablePage(query, of: table)
        if let search = query.search {
            page.add(HoldingRoutes.searched(table), "search", search)
        }
        if let agent, table != "agent" {
            page.add("agentId = :agent", "agent", agent)
        }
        return try await page.answer(store) { try show($0, now, &$1, $2) }
    }

    private static let agent: Show = { row, now, _, database in
        let agent = AgentRecord(row: row)
        let fields = try agent.fields()
        let voice = fields["ttsModel"]?.objectValue
        let numbers = try String.fetchAll(
            database.cachedStatement(
                sql: "SELECT number FROM phoneNumber WHERE workspaceId = ? AND agentId = ?"
            ),
            arguments: [agent.workspaceId, agent.id]
        )
        let calls = try Int.fetchOne(
            database,
            cached: """
                SELECT count(*) FROM call WHERE workspaceId = ? AND agentId = ? AND endsAt > ?
                """,
            arguments: [agent.workspaceId, agent.id, now]
        )
        return [
            "id": .string(agent.id), "name": fields["name"] ?? .null,
            "llmModel": fields["llmModel"] ?? .null, "voiceProvider": voice?["provider"] ?? .null,
            "voiceId": voice?["voiceId"] ?? .null,
            "numbers": .array(numbers.map(JSON.string)), "activeCalls": .number(calls ?? 0),
            "createdAt": .number(agent.createdAt), "updatedAt": .number(agent.updatedAt),
        ]
    }

    private static let flow: Show = { row, _, names, _ in
        let flow = FlowRecord(row: row)
        let fields = try flow.fields()
        var json: JSONObject = ["id": .string(flow.id), "name": fields["name"] ?? .null]
        json.add(try names.agent(flow.agentId))
        for key in ["direction", "promptType", "welcomeMessage", "prompt"] {
            json[key] = fields[key] ?? .null
        }
        json["isActive"] = .bool(flow.isActive)
        json["createdAt"] = .number(flow.createdAt)
        json["updatedAt"] = .number(flow.updatedAt)
        return .object(json)
    }

    private static let number: Show = { row, _, names, _ in
        let number = PhoneNumberRecord(row: row)
        var json: JSONObject = ["id": .string(number.id), "number": .string(number.number)]
        json.add(try names.agent(number.agentId))
        json["createdAt"] = .number(number.createdAt)
        return .object(json)
    }

    /// The agent as the service shows it, with what belongs to it.
    @Sendable private func agent(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let now = clock.now
        let answer: JSONObject = try await store.read { database in
            guard let agent = try AgentRecord.filter(Column("id") == id).fetchOne(database) else {
                throw Failure.missing("Agent", id: id)
            }
            let numbers = try String.fetchAll(
                database,
                sql: "SELECT number FROM phoneNumber WHERE workspaceId = ? AND agentId = ?",
                arguments: [agent.workspaceId, id]
            )
            let flows = try FlowRecord.filter(Column("agentId") == id).limit(20).fetchAll(database)
            let calls = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM call WHERE workspaceId = ? AND agentId = ?",
                arguments: [agent.workspaceId, id]
            )
            var document = try agent.json(at: now, database)
            document["activeSessions"] = nil
            return [
                "id": .string(id), "workspaceId": .string(agent.workspaceId),
                "document": .object(document),
                "numbers": .array(numbers.map(JSON.string)), "calls": .number(calls ?? 0),
                "flows": .array(
                    try flows.map {
                        ["id": .string($0.id), "name": try $0.fields()["name"] ?? .null]
                    }
                ),
            ]
        }
        return Answer(answer).response
    }

    @Sendable private func flow(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let answer: JSONObject = try await store.read { database in
            guard let flow = try FlowRecord.filter(Column("id") == id).fetchOne(database) else {
                throw Failure.missing("Flow", id: id)
            }
            var names = KnownNames(database)
            var json: JSONObject = [
                "id": .string(id), "workspaceId": .string(flow.workspaceId),
                "document": .object(try flow.json()),
            ]
            json.add(try names.agent(flow.agentId))
            return json
        }
        return Answer(answer).response
    }
}
