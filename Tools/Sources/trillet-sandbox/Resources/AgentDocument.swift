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

    /// An answer lists no more sessions than this.
    private static let mostSessions = 100

    /// The calls in progress, in the order in which they were made; of very many those that end
    /// first, which are found without looking at the others.
    private func sessions(at time: Int64, _ database: Database) throws -> [JSON] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT sequence, id, createdAt, toNumber FROM call
                WHERE workspaceId = ? AND agentId = ? AND endsAt > ? ORDER BY endsAt LIMIT ?
                """
        )
        let calls = try Row.fetchAll(
            statement,
            arguments: [workspaceId, id, time, AgentRecord.mostSessions]
        )
        return
            calls
            .sorted { ($0["sequence"] as Int64) < ($1["sequence"] as Int64) }
            .map { call in
                [
                    "_id": .string(call["id"]),
                    "roomName": .string("\(id)-\(call["id"] as String)"),
                    "startTime": .string(Timestamp.text(call["createdAt"])),
                    "status": "active",
                    "participantId": .string(call["toNumber"]),
                ]
            }
    }
}
