import GRDB

/// Something that happens, as its webhooks tell it.
struct WebhookEvent {
    let name: String
    /// When it happens.
    let time: Int64
    let data: JSONObject
    /// The body in the form that is sent after a call; `nil` for what is no call. Made only for
    /// those who want it: it has the whole transcript.
    var native: (() throws -> JSON)?

    func body(_ form: WebhookForm) throws -> JSON {
        switch form {
        case .event: return ["event": .string(name), "data": .object(data)]
        case .native: return try native?() ?? body(.event)
        case .flat:
            var body: JSONObject = ["event": .string(name)]
            for member in data.members { body[member.key] = member.value }
            return .object(body)
        case .snake:
            var body: JSONObject = ["event_type": .string(name)]
            for member in data.members { body[WebhookEvent.snake(member.key)] = member.value }
            return .object(body)
        }
    }

    private static func snake(_ name: String) -> String {
        name.reduce(into: "") { text, letter in
            if letter.isUppercase { text += "_" }
            text += letter.lowercased()
        }
    }

    /// Stores a delivery to each receiver, due when the event happens.
    func record(
        for receivers: [WebhookReceiver],
        callId: String,
        workspace: String,
        _ settings: WebhookSettings,
        _ database: Database
    ) throws {
        for receiver in receivers {
            try DeliveryRecord(
                id: Identifier.delivery(),
                workspaceId: workspace,
                callId: callId,
                event: name,
                url: receiver.url,
                target: WebhookAddress.target(of: receiver.url),
                body: try body(receiver.form ?? settings.form).text,
                createdAt: time,
                dueAt: time,
                secret: receiver.secret,
                proof: receiver.proof
            ).insert(database)
        }
    }
}
