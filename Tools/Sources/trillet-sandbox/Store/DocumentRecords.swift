import GRDB

struct AgentRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "agent"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    /// The fields a client can set, as JSON text.
    var document: String
    var createdAt: Int64
    var updatedAt: Int64

    func fields() throws -> JSONObject {
        try JSON(parsing: document).objectValue ?? JSONObject()
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> AgentRecord? {
        try fetchOne(
            database,
            sql: "SELECT * FROM agent WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func list(workspace: String, slice: Slice, _ database: Database) throws -> [AgentRecord]
    {
        try fetchAll(
            database,
            sql: "SELECT * FROM agent WHERE workspaceId = ? ORDER BY sequence LIMIT ? OFFSET ?",
            arguments: [workspace, slice.limit, slice.offset]
        )
    }

    static func count(workspace: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM agent WHERE workspaceId = ?",
            arguments: [workspace]
        ) ?? 0
    }
}

struct FlowRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "flow"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    /// The fields a client can set, as JSON text.
    var document: String
    var agentId: String?
    var isActive: Bool
    var createdAt: Int64
    var updatedAt: Int64

    func fields() throws -> JSONObject {
        try JSON(parsing: document).objectValue ?? JSONObject()
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> FlowRecord? {
        try fetchOne(
            database,
            sql: "SELECT * FROM flow WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func list(workspace: String, slice: Slice, _ database: Database) throws -> [FlowRecord] {
        try fetchAll(
            database,
            sql: "SELECT * FROM flow WHERE workspaceId = ? ORDER BY sequence LIMIT ? OFFSET ?",
            arguments: [workspace, slice.limit, slice.offset]
        )
    }

    static func count(workspace: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            sql: "SELECT count(*) FROM flow WHERE workspaceId = ?",
            arguments: [workspace]
        ) ?? 0
    }

    static func active(ofAgent agent: String, workspace: String, _ database: Database) throws
        -> [FlowRecord]
    {
        try fetchAll(
            database,
            sql: """
                SELECT * FROM flow WHERE workspaceId = ? AND agentId = ? AND isActive
                ORDER BY sequence DESC
                """,
            arguments: [workspace, agent]
        )
    }
}

/// Which rows of a list are wanted; a negative limit means all of them.
struct Slice: Sendable {
    let limit: Int
    let offset: Int

    static let all = Slice(limit: -1, offset: 0)
}
