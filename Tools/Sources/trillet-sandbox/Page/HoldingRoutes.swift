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
        try AgentRecord(row: row).listed(at: now, database)
    }

    private static let flow: Show = { row, _, names, _ in try FlowRecord(row: row).listed(&names) }

    private static let number: Show = { row, _, names, _ in
        try PhoneNumberRecord(row: row).listed(&names)
    }

    /// The agent as the service shows it, with what belongs to it.
    @Sendable private func agent(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let now = clock.now
        let answer: JSONObject = try await store.read { database in
            guard let agent = try AgentRecord.filter(Column("id") == id).fetchOne(database) else {
                throw Failure.missing("Agent", id: id)
            }
            let numbers = try NumberPool(workspace: agent.workspaceId, time: now)
                .numbers(ofAgent: id, database)
            let flows = try FlowRecord.filter(Column("agentId") == id)
                .order(Column("sequence")).limit(20).fetchAll(database)
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
                "numbers": .array(numbers.map { .string($0.number) }), "calls": .number(calls ?? 0),
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
