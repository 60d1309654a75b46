import GRDB

extension AgentRecord: ServedDocument {
    static let title = "Agent"
    static let listName = "agents"

    static func path(_ style: RouteStyle) -> String {
        style == .overview ? "/api/v1/agents" : "/v1/api/agents"
    }

    func listEntry(_ style: RouteStyle, at time: Int64, _ database: Database) throws
        -> JSONObject
    {
        try json(at: time, database)
    }

    func release(at time: Int64, _ quirks: Quirks?, _ database: Database) throws {
        try NumberPool(workspace: workspaceId, time: time).releaseAll(ofAgent: id, database)
    }
}

/// Agents: create, list, get, update and delete, in both route styles.
struct AgentRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let bareLists: Bool
    let published: PublishedRules

    var routes: [Route] {
        DocumentRoutes<AgentRecord>(
            store: store,
            clock: clock,
            bareLists: bareLists,
            quirks: published.quirks
        )
        .routes(create: create, update: update)
    }

    @Sendable private func create(_ exchange: Exchange) async throws -> Answer {
        let body = try await exchange.jsonObject()
        let document = try AgentRules.finished(AgentRules.document.created(from: body))
        let numbers = try AgentRules.phoneNumberIds.created(from: body)["phoneNumberIds"]
        warnOfUnknownProvider(document, exchange)
        let workspace = exchange.workspace
        let time = clock.now
        let agent = try await store.write { database in
            try checkPathway(document, workspace, database)
            let record = AgentRecord(
                id: Identifier.document(at: time),
                workspaceId: workspace,
                document: JSON.object(document).text,
                createdAt: time,
                updatedAt: time
            )
            try record.insert(database)
            try assign(numbers, to: record, database)
            return try record.json(at: time, database)
        }
        exchange.noteEffect("agent.created", agent["_id"]?.stringValue ?? "")
        return Answer(agent)
    }

    @Sendable private func update(_ exchange: Exchange, _ style: RouteStyle) async throws -> Answer
    {
        let id = exchange.parameter("id")
        let body = try await exchange.jsonObject()
        if style == .published {
            try PublishedUpdate.refuseReadOnly(body, AgentRecord.title)
            try PublishedUpdate.require("llmModel", body, published, exchange)
        }
        let changes = try AgentRules.document.changes(from: body)
        let numbers = try AgentRules.phoneNumberIds.changes(from: body)["phoneNumberIds"]
        warnOfUnknownProvider(changes, exchange)
        let workspace = exchange.workspace
        let time = clock.now
        let agent = try await store.write { database in
            var record = try AgentRecord.existing(id: id, workspace: workspace, database)
            let fields = try record.fields()
            let document = try AgentRules.finished(
                style == .published
                    ? AgentRules.replaced(fields, with: body)
                    : AgentRules.document.updated(fields, with: changes)
            )
            try checkPathway(changes, workspace, database)
            record.document = JSON.object(document).text
            record.updatedAt = max(time, record.updatedAt + 1)
            try record.update(database)
            try assign(numbers, to: record, database)
            return try record.json(at: time, database)
        }
        exchange.noteEffect("agent.updated", id)
        if style == .published { published.quirks?.updated(id) }
        return Answer(agent)
    }

    private func warnOfUnknownProvider(_ document: JSONObject, _ exchange: Exchange) {
        guard let provider = AgentRules.unknownProvider(of: document) else { return }
        exchange.context.logger.warning(
            "The service documents no voices of the provider \"\(provider)\""
        )
    }

    private func checkPathway(_ fields: JSONObject, _ workspace: String, _ database: Database)
        throws
    {
        guard let flow = fields["pathway"]?.stringValue else { return }
        _ = try FlowRecord.existing(id: flow, workspace: workspace, database)
    }

    /// Makes `ids` the agent's numbers: the others become free. `nil` leaves them as they are.
    private func assign(_ ids: JSON?, to agent: AgentRecord, _ database: Database) throws {
        guard let ids else { return }
        let wanted = (ids.arrayValue ?? []).compactMap(\.stringValue)
        let pool = NumberPool(workspace: agent.workspaceId, time: agent.updatedAt)
        try pool.releaseAll(ofAgent: agent.id, database)
        for id in wanted {
            guard let number = try pool.number(id: id, database) else {
                throw Failure.notFound("Phone number", id: id)
            }
            guard number.agentId == nil || number.agentId == agent.id else {
                throw Failure.configuration("Phone number \(id) belongs to another agent")
            }
            try pool.bind(id: id, toAgent: agent.id, database)
        }
    }
}
