import GRDB

/// Messages to people: write one, look at what was written, approve it or drop it. Nothing leaves the
/// machine; what the ledger calls sent, somebody would have.
struct ConversationRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let webhooks: WebhookSettings

    var routes: [Route] {
        let path = "/v1/api/conversations"
        return [
            Route(.post, path + "/message/generate", "conversations.generate", generate),
            Route(.get, path + "/flow/{flowId}", "conversations.list", list),
            Route(
                .post,
                path + "/{conversationId}/message/{messageId}/action",
                "conversations.act",
                act
            ),
        ]
    }

    private static let order = FieldRules(rules: [
        .required("flowId", FieldChecks.nonEmptyText),
        .required("to", FieldChecks.nonEmptyText),
        .optional("autopilot", FieldChecks.flag),
        .optional("dynamic", [:], FieldChecks.object),
        .optional("metadata", [:], FieldChecks.object),
    ])

    private static let action = FieldRules(rules: [
        .required(
            "metadata",
            FieldChecks.members([
                ("action", FieldChecks.nonEmptyText), ("editedMessage", FieldChecks.nonEmptyText),
            ])
        )
    ])

    /// A conversation keeps no more messages than this.
    private static let mostMessages = 1_000

    @Sendable private func generate(_ exchange: Exchange) async throws -> Answer {
        let order = try ConversationRoutes.order.created(from: try await exchange.jsonObject())
        let flowId = order["flowId"]?.stringValue ?? ""
        let to = order["to"]?.stringValue ?? ""
        let workspace = exchange.workspace
        let time = clock.now
        let webhooks = webhooks
        let (conversation, message) = try await store.write { database in
            let flow = try ResourceRecord.existing(
                .messageFlow,
                id: flowId,
                workspace: workspace,
                database
            ).fields()
            try ConversationRoutes.checkReceiver(to, of: flow)
            let message = WrittenMessage(order, of: flow, at: time)
            let id = try ConversationRoutes.add(
                message,
                to: to,
                order,
                workspace: workspace,
                at: time,
                database
            )
            if message.isSent, flow["messageChannel"] != "Email" {
                try MessageEvents(
                    message: message,
                    conversationId: id,
                    flowId: flowId,
                    workspace: workspace,
                    to: to,
                    time: time,
                    settings: webhooks
                ).record(database)
            }
            return (id, message)
        }
        exchange.noteEffect(message.isSent ? "message.sent" : "message.written", message.id)
        return Answer([
            "status": "success", "conversation_id": .string(conversation),
            "message_id": .string(message.id), "message": .string(message.text),
        ])
    }

    private static func checkReceiver(_ to: String, of flow: JSONObject) throws {
        if flow["messageChannel"] == "Email" {
            guard Address.isEmail(to) else {
                throw Failure.invalid("to must be an email address, not \"\(to)\"")
            }
            return
        }
        _ = try FieldChecks.phoneNumber(.string(to), "to")
        guard MagicNumber.refusal(of: to) != .insufficientCredits else {
            throw CallRoutes.insufficientCredits
        }
    }

    /// Adds a message to the conversation with that person, which begins with it if there is none.
    ///
    /// - Returns: the conversation's id.
    private static func add(
        _ message: WrittenMessage,
        to receiver: String,
        _ order: JSONObject,
        workspace: String,
        at time: Int64,
        _ database: Database
    ) throws -> String {
        let flowId = order["flowId"]?.stringValue ?? ""
        let customer = ConversationRoutes.customer(receiver)
        let known = try ResourceRecord.all(
            .conversation,
            of: flowId,
            workspace: workspace,
            database
        ).first { try $0.fields()["customer"] == customer }
        if var conversation = known {
            var fields = try conversation.fields()
            let messages = (fields["messages"]?.arrayValue ?? []) + [message.json]
            fields["messages"] = .array(messages.suffix(mostMessages))
            try conversation.save(fields, at: time, database)
            return conversation.id
        }
        let conversation = ResourceRecord(
            id: Identifier.conversation(),
            workspaceId: workspace,
            kind: .conversation,
            parent: flowId,
            document: JSON.object([
                "customer": customer, "messages": [message.json],
                "metadata": order["metadata"] ?? [:],
            ]).text,
            createdAt: time,
            updatedAt: time
        )
        try conversation.insert(database)
        return conversation.id
    }

    private static func customer(_ receiver: String) -> JSON {
        [receiver.contains("@") ? "email" : "phoneNumber": .string(receiver)]
    }

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let flowId = exchange.parameter("flowId")
        let workspace = exchange.workspace
        let conversations = try await store.read { database in
            _ = try ResourceRecord.existing(
                .messageFlow,
                id: flowId,
                workspace: workspace,
                database
            )
            return try ResourceRecord.all(
                .conversation,
                of: flowId,
                workspace: workspace,
                database
            ).map { JSON.object(try $0.json()) }
        }
        return Answer(json: .array(conversations))
    }

    @Sendable private func act(_ exchange: Exchange) async throws -> Answer {
        let order = try ConversationRoutes.action.created(from: try await exchange.jsonObject())
        let metadata = order["metadata"]?.objectValue
        guard let action = metadata?["action"]?.stringValue else {
            throw Failure.invalid("metadata.action is required")
        }
        let decision = try MessageDecision(action)
        let edited = metadata?["editedMessage"]
        let conversationId = exchange.parameter("conversationId")
        let messageId = exchange.parameter("messageId")
        let workspace = exchange.workspace
        let time = clock.now
        let webhooks = webhooks
        try await store.write { database in
            var conversation = try ResourceRecord.existing(
                .conversation,
                id: conversationId,
                workspace: workspace,
                database
            )
            var fields = try conversation.fields()
            var messages = fields["messages"]?.arrayValue ?? []
            let index = messages.firstIndex {
                $0.objectValue?["message_id"]?.stringValue == messageId
            }
            guard let index, var message = messages[index].objectValue else {
                throw Failure.notFound("Message", id: messageId)
            }
            try decision.apply(to: &message, edited: edited)
            messages[index] = .object(message)
            fields["messages"] = .array(messages)
            try conversation.save(fields, at: time, database)
            guard decision == .send,
                let to = fields["customer"]?.objectValue?["phoneNumber"]?.stringValue
            else { return }
            try MessageEvents(
                message: WrittenMessage(sent: message, at: time),
                conversationId: conversationId,
                flowId: conversation.parent ?? "",
                workspace: workspace,
                to: to,
                time: time,
                settings: webhooks
            ).record(database)
        }
        exchange.noteEffect(decision.effect, messageId)
        return Answer(["status": "success", "message": .string(decision.report)])
    }
}
