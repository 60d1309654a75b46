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
