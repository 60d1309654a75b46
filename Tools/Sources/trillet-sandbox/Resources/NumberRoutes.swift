import GRDB

/// Phone numbers: list them, give one to an agent, take it back, and change its settings.
struct NumberRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let configuration = "/v1/api/twilio/phone-numbers/{phoneNumberId}/config"
        return [
            Route(.get, "/v1/api/twilio/user-phone-numbers", "numbers.list", list),
            Route(.post, "/v1/api/agents/{id}/bind/{phoneNumberId}", "numbers.bind", bind),
            Route(.post, "/v1/api/agents/{id}/release/{phoneNumberId}", "numbers.unbind", unbind),
            Route(.get, configuration, "numbers.get_config", getConfiguration),
            Route(.put, configuration, "numbers.update_config", updateConfiguration),
        ]
    }

    private static let officeHours = FieldChecks.members([
        ("enabled", FieldChecks.flag), ("timezone", FieldChecks.text),
    ])

    private static let binding = FieldRules(rules: [
        .optional("recordCalls", FieldChecks.flag),
        .optional("recordingPublic", FieldChecks.flag),
        .optional("officeHours", officeHours),
        .optional("metadataTags", FieldChecks.array),
    ])

    private static let settings = FieldRules(rules: [
        .nullable("agentId", nil, FieldChecks.text),
        .optional("maxCallDuration", FieldChecks.nonNegativeNumber),
        .optional("recordingEnabled", FieldChecks.flag),
        .optional("officeHours", officeHours),
        .optional("transferCallerIdMode", FieldChecks.oneOf("agent", "customer")),
        .optional("metadataTags", FieldChecks.array),
        .optional("label", FieldChecks.text),
        .optional("preCallWebhookUrl", FieldChecks.text),
    ])

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        let numbers = try await store.read { database in
            try pool.all(database).map { JSON.object(try $0.json(database)) }
        }
        return Answer(json: .array(numbers))
    }

    @Sendable private func bind(_ exchange: Exchange) async throws -> Answer {
        let agentId = exchange.parameter("id")
        let numberId = exchange.parameter("phoneNumberId")
        var settings = try NumberRoutes.binding.changes(
            from: try await exchange.jsonObject(mayBeEmpty: true)
        )
        settings["recordingEnabled"] = settings["recordCalls"]
        settings["recordCalls"] = nil
        let changes = settings
        let time = clock.now
        let pool = NumberPool(workspace: exchange.workspace, time: time)
        let answer: JSONObject = try await store.write { database in
            let agent = try AgentRecord.existing(id: agentId, workspace: pool.workspace, database)
            let found = try pool.existing(id: numberId, database)
            try pool.give(found, toAgent: agentId, database)
            try found.with(settings: changes).saveDocument(database)
            let number = try pool.existing(id: numberId, database)
            let flow = try number.flow(database)
            return [
                "agent": .object(try agent.json(at: time, database)),
                "phoneNumber": .object(try number.json(database)),
                "pathwayId": flow.map { .string($0.id) } ?? .null,
                "direction": try flow?.fields()["direction"] ?? "outbound",
            ]
        }
        exchange.noteEffect("number.bound", numberId)
        return Answer(answer)
    }

    @Sendable private func unbind(_ exchange: Exchange) async throws -> Answer {
        let agentId = exchange.parameter("id")
        let numberId = exchange.parameter("phoneNumberId")
        _ = try await exchange.jsonObject(mayBeEmpty: true)
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        try await store.write { database in
            _ = try AgentRecord.existing(id: agentId, workspace: pool.workspace, database)
            guard try pool.existing(id: numberId, database).agentId == agentId else {
                throw Failure.configuration(
                    "Phone number \(numberId) is not bound to agent \(agentId)"
                )
            }
            try pool.release(id: numberId, database)
        }
        exchange.noteEffect("number.unbound", numberId)
        return Answer(["status": "success", "message": "Phone number released from agent"])
    }

    @Sendable private func getConfiguration(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("phoneNumberId")
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        return Answer(
            try await store.read { try pool.existing(id: id, $0).configuration($0) }
        )
    }

    @Sendable private func updateConfiguration(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("phoneNumberId")
        var changes = try NumberRoutes.settings.changes(from: try await exchange.jsonObject())
        let agent = changes["agentId"]
        changes["agentId"] = nil
        let settings = changes
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        try await store.write { database in
            let number = try pool.existing(id: id, database)
            if let agentId = agent?.stringValue {
                _ = try AgentRecord.existing(id: agentId, workspace: pool.workspace, database)
                try pool.give(number, toAgent: agentId, database)
            } else if agent != nil {
                try pool.release(id: id, database)
            }
            try number.with(settings: settings).saveDocument(database)
        }
        exchange.noteEffect("number.updated", id)
        return Answer(["success": true, "message": "Phone number configuration updated"])
    }
}

extension PhoneNumberRecord {
    fileprivate func saveDocument(_ database: Database) throws {
        try database.execute(
            cached: "UPDATE phoneNumber SET document = ? WHERE id = ?",
            arguments: [document, id]
        )
    }
}

extension NumberPool {
    /// - Throws: ``Failure`` 404 when the workspace has no such number.
    func existing(id: String, _ database: Database) throws -> PhoneNumberRecord {
        guard let number = try number(id: id, database) else {
            throw Failure.notFound("Phone number", id: id)
        }
        return number
    }

    /// - Throws: ``Failure`` 400 when another agent has the number.
    fileprivate func give(
        _ number: PhoneNumberRecord,
        toAgent agent: String,
        _ database: Database
    ) throws {
        guard number.agentId == nil || number.agentId == agent else {
            throw Failure.configuration("Phone number \(number.id) belongs to another agent")
        }
        try bind(id: number.id, toAgent: agent, database)
    }
}
