import GRDB

/// What webhooks are told of one message: that it was sent, and that it arrived.
struct MessageEvents {
    let message: WrittenMessage
    let conversationId: String
    let flowId: String
    let workspace: String
    let to: String
    let time: Int64
    let settings: WebhookSettings

    /// How long a message is on its way, in milliseconds.
    private static let journey: Int64 = 2_000

    func record(_ database: Database) throws {
        let receivers = try WebhookReceiver.all(
            own: [],
            workspace: workspace,
            settings,
            database
        )
        for (status, time) in [("sent", time), ("delivered", time + MessageEvents.journey)] {
            try event(status, at: time).record(
                for: receivers,
                callId: "",
                workspace: workspace,
                settings,
                database
            )
        }
    }

    private func event(_ status: String, at time: Int64) -> WebhookEvent {
        WebhookEvent(
            name: "sms.\(status)",
            time: time,
            data: [
                "messageId": .string(message.id), "conversationId": .string(conversationId),
                "flowId": .string(flowId), "status": .string(status), "to": .string(to),
                "message": .string(message.text),
            ]
        )
    }
}
