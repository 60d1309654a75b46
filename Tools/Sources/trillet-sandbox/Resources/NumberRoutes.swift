import GRDB

/// Phone numbers: list them, give one to an agent, take it back.
struct NumberRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        [
            Route(.get, "/v1/api/twilio/user-phone-numbers", "phone_numbers.list", list),
            Route(.post, "/v1/api/agents/{id}/bind/{phoneNumberId}", "phone_numbers.bind", bind),
            Route(
                .post,
                "/v1/api/agents/{id}/release/{phoneNumberId}",
                "phone_numbers.release",
                release
            ),
        ]
    }

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        let numbers = try await store.read { try pool.all($0) }
        return Answer(json: .array(numbers.map { .object($0.json) }))
    }

    @Sendable private func bind(_ exchange: Exchange) async throws -> Answer {
        let agentId = exchange.parameter("id")
        let numberId = exchange.parameter("phoneNumberId")
        let time = clock.now
        let pool = NumberPool(workspace: exchange.workspace, time: time)
        let answer: JSONObject = try await store.write { database in
            let (agent, number) = try pair(agentId, numberId, pool, database)
            guard number.agentId == nil || number.agentId == agentId else {
                throw Failure.configuration("Phone number \(numberId) belongs to another agent")
            }
            try pool.bind(id: numberId, toAgent: agentId, database)
            let flow = try FlowRecord.active(
                ofAgent: agentId,
                workspace: pool.workspace,
                database
            ).first
            return [
                "agent": .object(try agent.json(at: time, database)),
                "phoneNumber": .object(
                    try pool.number(id: numberId, database)?.json ?? JSONObject()
                ),
                "pathwayId": flow.map { .string($0.id) } ?? .null,
                "direction": try flow?.fields()["direction"] ?? .null,
            ]
        }
        exchange.noteEffect("number.bound", numberId)
        return Answer(answer)
    }

    @Sendable private func release(_ exchange: Exchange) async throws -> Answer {
        let agentId = exchange.parameter("id")
        let numberId = exchange.parameter("phoneNumberId")
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        try await store.write { database in
            let (_, number) = try pair(agentId, numberId, pool, database)
            guard number.agentId == agentId else {
                throw Failure.configuration(
                    "Phone number \(numberId) is not bound to agent \(agentId)"
                )
            }
            try pool.release(id: numberId, database)
        }
        exchange.noteEffect("number.released", numberId)
        return Answer(["status": "success", "message": "Phone number released successfully"])
    }

    private func pair(
        _ agentId: String,
        _ numberId: String,
        _ pool: NumberPool,
        _ database: Database
    ) throws -> (AgentRecord, PhoneNumberRecord) {
        let agent = try AgentRecord.existing(id: agentId, workspace: pool.workspace, database)
        guard let number = try pool.number(id: numberId, database) else {
            throw Failure.notFound("Phone number", id: numberId)
        }
        return (agent, number)
    }
}

extension PhoneNumberRecord {
    var json: JSONObject {
        [
            "_id": .string(id), "workspaceId": .string(workspaceId),
            "phoneNumber": .string(number), "agentId": agentId.map(JSON.string) ?? .null,
            "status": .string(agentId == nil ? "pending" : "active"),
            "createdAt": .string(Timestamp.text(createdAt)),
        ]
    }
}
