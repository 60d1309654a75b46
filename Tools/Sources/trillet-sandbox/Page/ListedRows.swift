import GRDB

// What lists show of agents, flows, numbers and batches.

extension AgentRecord {
    func listed(at now: Int64, _ database: Database) throws -> JSON {
        let numbers = try NumberPool(workspace: workspaceId, time: now)
            .numbers(ofAgent: id, database)
        let calls = try Int.fetchOne(
            database,
            cached: """
                SELECT count(*) FROM call WHERE workspaceId = ? AND agentId = ? AND endsAt > ?
                """,
            arguments: [workspaceId, id, now]
        )
        let fields = try fields()
        let voice = fields["ttsModel"]?.objectValue
        return [
            "id": .string(id), "name": fields["name"] ?? .null,
            "llmModel": fields["llmModel"] ?? .null, "voiceProvider": voice?["provider"] ?? .null,
            "voiceId": voice?["voiceId"] ?? .null,
            "numbers": .array(numbers.map { .string($0.number) }),
            "activeCalls": .number(calls ?? 0),
            "createdAt": .number(createdAt), "updatedAt": .number(updatedAt),
        ]
    }
}

extension FlowRecord {
    func listed(_ names: inout KnownNames) throws -> JSON {
        let fields = try fields()
        var json: JSONObject = ["id": .string(id), "name": fields["name"] ?? .null]
        json.add(try names.agent(agentId))
        for key in ["direction", "promptType", "welcomeMessage", "prompt"] {
            json[key] = fields[key] ?? .null
        }
        json["isActive"] = .bool(isActive)
        json["createdAt"] = .number(createdAt)
        json["updatedAt"] = .number(updatedAt)
        return .object(json)
    }
}

extension PhoneNumberRecord {
    func listed(_ names: inout KnownNames) throws -> JSON {
        var json: JSONObject = ["id": .string(id), "number": .string(number)]
        json.add(try names.agent(agentId))
        json["createdAt"] = .number(createdAt)
        return .object(json)
    }
}

extension BatchRecord {
    func listed(_ names: inout KnownNames, _ database: Database) throws -> JSONObject {
        let counts = try JobCounts(batch: self, database)
        var json: JSONObject = ["id": .string(id)]
        json.add(try names.agent(agentId))
        json["status"] = .string(status.rawValue)
        json.add(counts.json)
        json["cancelled"] = .number(counts.cancelled)
        json["createdAt"] = .number(createdAt)
        json["scheduledAt"] = scheduledAt.map(JSON.number) ?? .null
        json["startedAt"] = startedAt.map(JSON.number) ?? .null
        json["finishedAt"] = finishedAt.map(JSON.number) ?? .null
        return json
    }
}
