import GRDB

/// What a ``ResourceRecord`` is.
enum ResourceKind: String, Codable, Sendable {
    case knowledgeBase, messageAgent, messageFlow, conversation, folder, invitation, voice

    /// How messages call one.
    var title: String {
        switch self {
        case .knowledgeBase: "Knowledge base"
        case .messageAgent: "Message agent"
        case .messageFlow: "Message flow"
        case .conversation: "Conversation"
        case .folder: "Folder"
        case .invitation: "Invitation"
        case .voice: "Voice"
        }
    }
}

/// A document that nothing but its own routes reads. All kinds share a table.
struct ResourceRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "resource"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var kind: ResourceKind
    /// What it belongs to: the flow of a conversation.
    var parent: String?
    /// What clients see of it besides ids and times, as JSON text.
    var document: String
    var createdAt: Int64
    var updatedAt: Int64

    static func createTable(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE resource (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    kind TEXT NOT NULL,
                    parent TEXT,
                    document TEXT NOT NULL,
                    createdAt INTEGER NOT NULL,
                    updatedAt INTEGER NOT NULL
                );
                CREATE INDEX resourceByKind ON resource (workspaceId, kind, parent, sequence);
                """
        )
    }

    func fields() throws -> JSONObject {
        try JSON(parsing: document).objectValue ?? JSONObject()
    }

    /// Replaces the document at `time`.
    mutating func save(_ fields: JSONObject, at time: Int64, _ database: Database) throws {
        document = JSON.object(fields).text
        updatedAt = max(time, updatedAt + 1)
        try update(database)
    }

    /// - Throws: ``Failure`` 404 when the workspace has none with this id.
    static func existing(
        _ kind: ResourceKind,
        id: String,
        workspace: String,
        _ database: Database
    ) throws -> ResourceRecord {
        let found = try fetchOne(
            database,
            cached: "SELECT * FROM resource WHERE workspaceId = ? AND kind = ? AND id = ?",
            arguments: [workspace, kind.rawValue, id]
        )
        guard let found else { throw Failure.notFound(kind.title, id: id) }
        return found
    }

    /// - Parameter parent: only those that belong to this one; `nil` for all.
    static func all(
        _ kind: ResourceKind,
        of parent: String? = nil,
        workspace: String,
        _ database: Database
    ) throws -> [ResourceRecord] {
        if let parent {
            return try fetchAll(
                database,
                cached: """
                    SELECT * FROM resource WHERE workspaceId = ? AND kind = ? AND parent = ?
                    ORDER BY sequence
                    """,
                arguments: [workspace, kind.rawValue, parent]
            )
        }
        return try fetchAll(
            database,
            cached: "SELECT * FROM resource WHERE workspaceId = ? AND kind = ? ORDER BY sequence",
            arguments: [workspace, kind.rawValue]
        )
    }
}
