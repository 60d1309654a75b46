import GRDB

extension FlowRecord {
    /// The flow as answers show it.
    func json() throws -> JSONObject {
        let fields = FlowRules.document.ordered(try fields())
        var answer: JSONObject = ["_id": .string(id), "workspaceId": .string(workspaceId)]
        for key in fields.keys { answer[key] = fields[key] }
        answer["createdAt"] = .string(Timestamp.text(createdAt))
        answer["updatedAt"] = .string(Timestamp.text(updatedAt))
        return answer
    }

    /// The flow as lists show it.
    func summary() throws -> JSONObject {
        let whole = try json()
        var answer = JSONObject()
        for key in [
            "_id", "workspaceId", "name", "direction", "agent", "isActive", "promptType",
            "createdAt", "updatedAt",
        ] {
            answer[key] = whole[key]
        }
        return answer
    }
}

/// Flows: create, list, get, update and delete, in both route styles.
struct FlowRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    /// Whether the overview routes list everything in a bare array as well.
    let bareLists: Bool

    var routes: [Route] {
        let overview = "/api/v1/flows"
        let published = "/v1/api/call-flows"
        return [
            Route(.post, overview, "flows.create", create),
            Route(.post, published, "flows.create", create),
            Route(.get, overview, "flows.list", bareLists ? listAll : listPage),
            Route(.get, published, "flows.list", listAll),
            Route(.patch, overview + "/{id}", "flows.update") {
                try await update($0, style: .overview)
            },
            Route(.put, published + "/{id}", "flows.update") {
                try await update($0, style: .published)
            },
        ]
            + [overview, published].flatMap { prefix in
                [
                    Route(.get, prefix + "/{id}", "flows.get", get),
                    Route(.delete, prefix + "/{id}", "flows.delete", delete),
                ]
            }
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

    @Sendable private func listPage(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange)
        let (flows, total) = try await list(exchange.workspace, paging.slice)
        return Answer(["flows": .array(flows), "pagination": paging.json(total: total)])
    }

    @Sendable private func listAll(_ exchange: Exchange) async throws -> Answer {
        Answer(json: .array(try await list(exchange.workspace, .all).0))
    }

    private func list(_ workspace: String, _ slice: Slice) async throws -> ([JSON], Int) {
        try await store.read { database in
            let records = try FlowRecord.list(workspace: workspace, slice: slice, database)
            return (
                try records.map { JSON.object(try $0.summary()) },
                try FlowRecord.count(workspace: workspace, database)
            )
        }
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let flow = try await store.read { database in
            try FlowRecord.find(id: id, workspace: workspace, database)?.json()
        }
        guard let flow else { throw Failure.notFound("Flow", id: id) }
        return Answer(flow)
    }

    private func update(_ exchange: Exchange, style: RouteStyle) async throws -> Answer {
        let id = exchange.parameter("id")
        let body = try await exchange.jsonObject()
        if style == .published, body["promptType"] == nil {
            throw Failure.invalid("promptType is required")
        }
        let changes = try FlowRules.document.changes(from: body)
        let workspace = exchange.workspace
        let time = clock.now
        let flow = try await store.write { database in
            guard var record = try FlowRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Flow", id: id)
            }
            let document = FlowRules.updated(try record.fields(), with: changes)
            record.document = JSON.object(document).text
            record.agentId = document["agent"]?.stringValue
            record.isActive = document["isActive"]?.boolValue ?? true
            record.updatedAt = max(time, record.updatedAt + 1)
            if changes["agent"] != nil { try equipAgent(of: record, database) }
            try record.update(database)
            return try record.json()
        }
        exchange.noteEffect("flow.updated", id)
        return Answer(flow)
    }

    @Sendable private func delete(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        try await store.write { database in
            guard let record = try FlowRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Flow", id: id)
            }
            try record.delete(database)
        }
        exchange.noteEffect("flow.deleted", id)
        return Answer(["status": "success", "message": "Flow deleted successfully"])
    }

    /// Naming an agent in a flow activates a phone number for it, if it has none yet.
    private func equipAgent(of flow: FlowRecord, _ database: Database) throws {
        guard let agent = flow.agentId else { return }
        guard try AgentRecord.find(id: agent, workspace: flow.workspaceId, database) != nil else {
            throw Failure.notFound("Agent", id: agent)
        }
        try NumberPool(workspace: flow.workspaceId, time: flow.updatedAt)
            .equip(agent: agent, database)
    }
}
