import GRDB

extension FlowRecord: ServedDocument {
    static let title = "Flow"
    static let listName = "flows"

    static func path(_ style: RouteStyle) -> String {
        style == .overview ? "/api/v1/flows" : "/v1/api/call-flows"
    }

    func json(at time: Int64, _ database: Database) throws -> JSONObject {
        try json()
    }

    func listEntry(_ style: RouteStyle, at time: Int64, _ database: Database) throws
        -> JSONObject
    {
        var entry = try summary()
        if style == .published, let agentId {
            let agent = try AgentRecord.find(id: agentId, workspace: workspaceId, database)
            entry["agent"] = [
                "_id": .string(agentId), "name": try agent?.fields()["name"] ?? .null,
            ]
        }
        return entry
    }

    func release(at time: Int64, _ quirks: Quirks?, _ database: Database) throws {
        guard quirks != nil, let agentId,
            let agent = try AgentRecord.find(id: agentId, workspace: workspaceId, database)
        else { return }
        try agent.release(at: time, quirks, database)
        try agent.delete(database)
    }
}

/// Flows: create, list, get, update and delete, in both route styles.
struct FlowRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let bareLists: Bool
    let published: PublishedRules

    var routes: [Route] {
        DocumentRoutes<FlowRecord>(
            store: store,
            clock: clock,
            bareLists: bareLists,
            quirks: published.quirks
        )
        .routes(create: create, update: update)
    }

    @Sendable private func create(_ exchange: Exchange) async throws -> Answer {
        let document = try FlowRules.created(from: try await exchange.jsonObject())
        let time = clock.now
        let record = FlowRecord(
            id: Identifier.document(at: time),
            workspaceId: exchange.workspace,
            document: JSON.object(document).text,
            agentId: document["agent"]?.stringValue,
            isActive: document["isActive"]?.boolValue ?? true,
            createdAt: time,
            updatedAt: time
        )
        let flow = try await store.write { database in
            try equipAgent(of: record, database)
            try record.insert(database)
            return try record.json()
        }
        exchange.noteEffect("flow.created", record.id)
        return Answer(flow)
    }

    @Sendable private func update(_ exchange: Exchange, _ style: RouteStyle) async throws -> Answer
    {
        let id = exchange.parameter("id")
        let body = try await exchange.jsonObject()
        if style == .published {
            try PublishedUpdate.refuseReadOnly(body, FlowRecord.title)
            try PublishedUpdate.require("promptType", body, published, exchange)
        }
        let changes = try FlowRules.document.changes(from: body)
        let workspace = exchange.workspace
        let time = clock.now
        let flow = try await store.write { database in
            var record = try FlowRecord.existing(id: id, workspace: workspace, database)
            let document = FlowRules.updated(
                try record.fields(),
                with: changes,
                replacesSettings: style == .published
            )
            record.document = JSON.object(document).text
            record.agentId = document["agent"]?.stringValue
            record.isActive = document["isActive"]?.boolValue ?? true
            record.updatedAt = max(time, record.updatedAt + 1)
            if changes["agent"] != nil { try equipAgent(of: record, database) }
            try record.update(database)
            return try record.json()
        }
        exchange.noteEffect("flow.updated", id)
        if style == .published { published.quirks?.updated(id) }
        return Answer(flow)
    }

    /// Naming an agent in a flow activates a phone number for it, if it has none yet.
    private func equipAgent(of flow: FlowRecord, _ database: Database) throws {
        guard let agent = flow.agentId else { return }
        _ = try AgentRecord.existing(id: agent, workspace: flow.workspaceId, database)
        try NumberPool(workspace: flow.workspaceId, time: flow.updatedAt)
            .equip(agent: agent, database)
    }
}
