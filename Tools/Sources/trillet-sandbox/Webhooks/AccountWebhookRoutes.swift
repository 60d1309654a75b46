import GRDB
import Hummingbird

/// The account's webhooks, which are set on the service's dashboard.
struct AccountWebhookRoutes: Sendable {
    let store: Store
    let settings: WebhookSettings

    private static let path = "/sandbox/webhooks"
    private static let members: Set<String> = ["url", "secret", "form", "signature", "workspaceId"]

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, AccountWebhookRoutes.path) { _ in try await list() },
            ControlRoute(.post, AccountWebhookRoutes.path, add),
            ControlRoute(.delete, AccountWebhookRoutes.path) { _ in
                try await store.write { try $0.execute(sql: "DELETE FROM webhook") }
                return try await list()
            },
            ControlRoute(.delete, AccountWebhookRoutes.path + "/{id}", remove),
        ]
    }

    private func list() async throws -> Response {
        let webhooks = try await store.read { database in
            try AccountWebhook.fetchAll(database, sql: "SELECT * FROM webhook ORDER BY sequence")
        }
        return Answer(["webhooks": .array(webhooks.map { .object(entry($0)) })]).response
    }

    @Sendable private func add(_ exchange: ControlExchange) async throws -> Response {
        let order = try await exchange.jsonObject()
        if let unknown = order.keys.first(where: { !AccountWebhookRoutes.members.contains($0) }) {
            let known = AccountWebhookRoutes.members.sorted().joined(separator: ", ")
            throw Failure.control("\"\(unknown)\" is not known; there are \(known)")
        }
        let webhook = AccountWebhook(
            id: Identifier.webhook(),
            workspaceId: try text("workspaceId", order)
                ?? SandboxCommand.defaultAccount.workspace,
            url: try url(order),
            secret: try text("secret", order),
            form: try choice("form", order, WebhookForm.names),
            proof: try choice("signature", order, WebhookProof.names)
        )
        try await store.write { try AccountWebhookRoutes.insert(webhook, $0) }
        return Answer(entry(webhook)).response
    }

    private static func insert(_ webhook: AccountWebhook, _ database: Database) throws {
        let workspace = webhook.workspaceId
        let exists = try Bool.fetchOne(
            database,
            sql: "SELECT EXISTS (SELECT 1 FROM workspace WHERE id = ?)",
            arguments: [workspace]
        )
        guard exists == true else {
            throw Failure.control("There is no workspace \"\(workspace)\"")
        }
        guard try AccountWebhook.all(of: workspace, database).count < AccountWebhook.most else {
            throw Failure.control(
                "The workspace \(workspace) has \(AccountWebhook.most) webhooks already; delete one"
            )
        }
        try webhook.insert(database)
    }

    @Sendable private func remove(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        try await store.write { database in
            try database.execute(sql: "DELETE FROM webhook WHERE id = ?", arguments: [id])
            guard database.changesCount == 1 else {
                throw Failure.missing("Webhook", id: id)
            }
        }
        return try await list()
    }

    private func url(_ order: JSONObject) throws -> String {
        guard let url = try text("url", order) else {
            throw Failure.control("url is required: where to send events")
        }
        guard let address = WebhookAddress(url) else { throw Failure.control(WebhookAddress.rule) }
        if let refusal = address.refusal(settings) { throw Failure.control(refusal) }
        return url
    }

    private func text(_ name: String, _ order: JSONObject) throws -> String? {
        guard let value = order[name], value != .null else { return nil }
        // A line break in a secret would end its header.
        guard let text = value.stringValue, (1...2_048).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw Failure.control("\(name) must be a text of 1 to 2048 bytes without control codes")
        }
        return text
    }

    private func choice<Choice: RawRepresentable<String>>(
        _ name: String,
        _ order: JSONObject,
        _ names: String
    ) throws -> Choice? {
        guard let text = try text(name, order) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            throw Failure.control("\(name) must be one of \(names), not \"\(text)\"")
        }
        return choice
    }

    /// Without the secret, which whoever has set it knows.
    private func entry(_ webhook: AccountWebhook) -> JSONObject {
        [
            "id": .string(webhook.id), "workspaceId": .string(webhook.workspaceId),
            "url": .string(webhook.url),
            "form": .string((webhook.form ?? settings.form).rawValue),
            "signature": .string((webhook.proof ?? settings.proof).rawValue),
            "hasOwnSecret": .bool(webhook.secret != nil),
        ]
    }
}
