import GRDB

extension AgentRecord {
    /// The agent as answers show it: what the client set, its numbers, and the calls it is in.
    func json(at time: Int64, _ database: Database) throws -> JSONObject {
        let pool = NumberPool(workspace: workspaceId, time: time)
        let numbers = try pool.numbers(ofAgent: id, database).map { JSON.string($0.id) }
        let fields = AgentRules.document.ordered(try fields())
        var answer: JSONObject = [
            "_id": .string(id), "workspaceId": .string(workspaceId),
        ]
        for key in fields.keys where key != "variables" && key != "pathway" {
            answer[key] = fields[key]
        }
        answer["phoneNumberIds"] = .array(numbers)
        answer["variables"] = fields["variables"]
        answer["pathway"] = fields["pathway"]
        answer["status"] = "ready"
        answer["activeSessions"] = .array(try sessions(at: time, database))
        answer["createdAt"] = .string(Timestamp.text(createdAt))
        answer["updatedAt"] = .string(Timestamp.text(updatedAt))
        return answer
    }

    private func sessions(at time: Int64, _ database: Database) throws -> [JSON] {
        let calls = try CallRecord.fetchAll(
            database,
            sql: """
                SELECT * FROM call WHERE workspaceId = ? AND agentId = ? AND endsAt > ?
                ORDER BY sequence
                """,
            arguments: [workspaceId, id, time]
        )
        return calls.map { call in
            [
                "_id": .string(call.id), "roomName": .string(call.roomName),
                "startTime": .string(Timestamp.text(call.createdAt)),
                "status": "active",
                "participantId": .string(call.toNumber),
            ]
        }
    }
}
