import GRDB

/// Agents: create, list, get, update and delete, in both route styles.
struct AgentRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    /// Whether the overview routes list everything in a bare array as well.
    let bareLists: Bool

    var routes: [Route] {
        let overview = "/api/v1/agents"
        let published = "/v1/api/agents"
        return [
            Route(.post, overview, "agents.create", create),
            Route(.post, published, "agents.create", create),
            Route(.get, overview, "agents.list", bareLists ? listAll : listPage),
            Route(.get, published, "agents.list", listAll),
            Route(.patch, overview + "/{id}", "agents.update") {
                try await update($0, style: .overview)
            },
            Route(.put, published + "/{id}", "agents.update") {
                try await update($0, style: .published)
            },
        ]
            + [overview, published].flatMap { prefix in
                [
                    Route(.get, prefix + "/{id}", "agents.get", get),
                    Route(.delete, prefix + "/{id}", "agents.delete", delete),
                ]
            }
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

    @Sendable private func listPage(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange)
        let (agents, total) = try await list(exchange.workspace, paging.slice)
        return Answer(["agents": .array(agents), "pagination": paging.json(total: total)])
    }

    @Sendable private func listAll(_ exchange: Exchange) async throws -> Answer {
        Answer(json: .array(try await list(exchange.workspace, .all).0))
    }

    private func list(_ workspace: String, _ slice: Slice) async throws -> ([JSON], Int) {
        let time = clock.now
        return try await store.read { database in
            let records = try AgentRecord.list(workspace: workspace, slice: slice, database)
            return (
                try records.map { JSON.object(try $0.json(at: time, database)) },
                try AgentRecord.count(workspace: workspace, database)
            )
        }
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        let agent = try await store.read { database in
            try AgentRecord.find(id: id, workspace: workspace, database)?.json(at: time, database)
        }
        guard let agent else { throw Failure.notFound("Agent", id: id) }
        return Answer(agent)
    }

    private func update(_ exchange: Exchange, style: RouteStyle) async throws -> Answer {
        let id = exchange.parameter("id")
        let body = try await exchange.jsonObject()
        if style == .published, body["llmModel"] == nil {
            throw Failure.invalid("llmModel is required")
        }
        let changes = try AgentRules.document.changes(from: body)
        let numbers = try AgentRules.phoneNumberIds.changes(from: body)["phoneNumberIds"]
        warnOfUnknownProvider(changes, exchange)
        let workspace = exchange.workspace
        let time = clock.now
        let agent = try await store.write { database in
            guard var record = try AgentRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Agent", id: id)
            }
            let document = try AgentRules.finished(
                AgentRules.document.updated(record.fields(), with: changes)
            )
            try checkPathway(changes, workspace, database)
            record.document = JSON.object(document).text
            record.updatedAt = max(time, record.updatedAt + 1)
            try record.update(database)
            try assign(numbers, to: record, database)
            return try record.json(at: time, database)
        }
        exchange.noteEffect("agent.updated", id)
        return Answer(agent)
    }

    @Sendable private func delete(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        try await store.write { database in
            guard let record = try AgentRecord.find(id: id, workspace: pool.workspace, database)
            else { throw Failure.notFound("Agent", id: id) }
            try pool.releaseAll(ofAgent: id, database)
            try record.delete(database)
        }
        exchange.noteEffect("agent.deleted", id)
        return Answer(["status": "success", "message": "Agent deleted successfully"])
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
        guard try FlowRecord.find(id: flow, workspace: workspace, database) != nil else {
            throw Failure.notFound("Flow", id: flow)
        }
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
