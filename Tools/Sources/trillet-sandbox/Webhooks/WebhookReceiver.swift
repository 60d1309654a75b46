import GRDB

/// Somebody who is told what happens.
struct WebhookReceiver: Sendable {
    let url: String
    /// `nil` for what the options of the sandbox say.
    var secret: String?
    var form: WebhookForm?
    var proof: WebhookProof?

    /// Those of a call or a flow, each once, and those of the whole workspace.
    static func all(
        own urls: [String?],
        workspace: String,
        _ settings: WebhookSettings,
        _ database: Database
    ) throws -> [WebhookReceiver] {
        var seen: Set<String> = []
        let own = urls.compactMap { $0 }.filter { !$0.isEmpty && seen.insert($0).inserted }
        return (own + settings.urls).map { WebhookReceiver(url: $0) }
            + (try AccountWebhook.all(of: workspace, database).map(\.receiver))
    }
}

/// A webhook of the account: it is told of everything in its workspace.
struct AccountWebhook: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "webhook"
    /// No account needs more, and each event is stored once for each.
    static let most = 16

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var url: String
    var secret: String?
    var form: WebhookForm?
    var proof: WebhookProof?

    var receiver: WebhookReceiver {
        WebhookReceiver(url: url, secret: secret, form: form, proof: proof)
    }

    static func migrate(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE webhook (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    url TEXT NOT NULL,
                    secret TEXT,
                    form TEXT,
                    proof TEXT
                );
                CREATE INDEX webhookByWorkspace ON webhook (workspaceId, sequence);
                ALTER TABLE delivery ADD COLUMN secret TEXT;
                ALTER TABLE delivery ADD COLUMN proof TEXT;
                ALTER TABLE delivery ADD COLUMN fault TEXT;
                """
        )
    }

    static func all(of workspace: String, _ database: Database) throws -> [AccountWebhook] {
        let statement = try database.cachedStatement(
            sql: "SELECT * FROM webhook WHERE workspaceId = ? ORDER BY sequence"
        )
        return try fetchAll(statement, arguments: [workspace])
    }
}
