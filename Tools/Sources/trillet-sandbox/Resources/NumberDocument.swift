import GRDB

/// Where a number comes from. The first kind is the plan's own: nobody bought it, and nobody can
/// give it back.
enum NumberOrigin: String, Sendable {
    case plan, bought, external
}

extension PhoneNumberRecord {
    /// Dollars a month.
    static let monthlyPrice = 2
    private static let paidFor: Int64 = 30 * 86_400_000

    func origin() throws -> NumberOrigin {
        try fields()["origin"]?.stringValue.flatMap(NumberOrigin.init) ?? .plan
    }

    /// What was set of it: by its settings, or when it was bound.
    func settings() throws -> JSONObject {
        try fields()["settings"]?.objectValue ?? JSONObject()
    }

    /// The number with `settings` laid over those it has.
    func with(settings: JSONObject) throws -> PhoneNumberRecord {
        var fields = try fields()
        var merged = try self.settings()
        for key in settings.keys { merged[key] = settings[key] }
        fields["settings"] = .object(merged)
        var number = self
        number.document = JSON.object(fields).text
        return number
    }

    /// The number as answers show it.
    func json(_ database: Database) throws -> JSONObject {
        let fields = try fields()
        let settings = try settings()
        let origin = try origin()
        let isBought = origin == .bought
        return [
            "_id": .string(id), "workspaceId": .string(workspaceId),
            "phoneNumber": .string(number), "sid": .string("PN\(id)"),
            "country": fields["country"] ?? "US", "type": fields["type"] ?? "local",
            "status": .string(agentId == nil ? "pending" : "active"), "provider": "twilio",
            "pathwayId": try flow(database).map { .string($0.id) } ?? .null,
            "agentId": agentId.map(JSON.string) ?? .null, "flowType": "call",
            "recordingEnabled": settings["recordingEnabled"] ?? true, "transferEnabled": false,
            "monthlyPrice": .number(isBought ? PhoneNumberRecord.monthlyPrice : 0),
            "expiresAt": isBought
                ? .string(Timestamp.text(createdAt + PhoneNumberRecord.paidFor)) : .null,
            "isExternal": .bool(origin == .external),
            "createdAt": .string(Timestamp.text(createdAt)),
        ]
    }

    /// The number's settings as answers show them.
    func configuration(_ database: Database) throws -> JSONObject {
        let settings = try settings()
        var answer: JSONObject = [
            "agentId": agentId.map(JSON.string) ?? .null, "flowType": "call",
            "direction": try flow(database)?.fields()["direction"] ?? "outbound",
            "status": .string(agentId == nil ? "pending" : "active"),
            "recording": settings["recordingEnabled"] ?? true,
        ]
        for key in settings.keys { answer[key] = settings[key] }
        return answer
    }

    /// The newest active flow of the agent that has the number.
    func flow(_ database: Database) throws -> FlowRecord? {
        guard let agentId else { return nil }
        return try FlowRecord.active(ofAgent: agentId, workspace: workspaceId, database).first
    }
}
