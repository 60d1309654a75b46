import GRDB

struct AgentRecord: Encodable, FetchableRecord, PersistableRecord {
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
            cached: "SELECT * FROM agent WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func list(workspace: String, slice: Slice, _ database: Database) throws -> [AgentRecord]
    {
        try fetchAll(
            database,
            cached: "SELECT * FROM agent WHERE workspaceId = ? ORDER BY sequence LIMIT ? OFFSET ?",
            arguments: [workspace, slice.limit, slice.offset]
        )
    }

    static func count(workspace: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            cached: "SELECT count(*) FROM agent WHERE workspaceId = ?",
            arguments: [workspace]
        ) ?? 0
    }
}

struct FlowRecord: Encodable, FetchableRecord, PersistableRecord {
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
            cached: "SELECT * FROM flow WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func list(workspace: String, slice: Slice, _ database: Database) throws -> [FlowRecord] {
        try fetchAll(
            database,
            cached: "SELECT * FROM flow WHERE workspaceId = ? ORDER BY sequence LIMIT ? OFFSET ?",
            arguments: [workspace, slice.limit, slice.offset]
        )
    }

    static func count(workspace: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            cached: "SELECT count(*) FROM flow WHERE workspaceId = ?",
            arguments: [workspace]
        ) ?? 0
    }

    static func active(ofAgent agent: String, workspace: String, _ database: Database) throws
        -> [FlowRecord]
    {
        try fetchAll(
            database,
            cached: """
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

// Decoded by hand: generic decoding takes longer than the query.

extension AgentRecord {
    init(row: Row) {
        self.init(
            sequence: row["sequence"],
            id: row["id"],
            workspaceId: row["workspaceId"],
            document: row["document"],
            createdAt: row["createdAt"],
            updatedAt: row["updatedAt"]
        )
    }
}

extension FlowRecord {
    init(row: Row) {
        self.init(
            sequence: row["sequence"],
            id: row["id"],
            workspaceId: row["workspaceId"],
            document: row["document"],
            agentId: row["agentId"],
            isActive: row["isActive"],
            createdAt: row["createdAt"],
            updatedAt: row["updatedAt"]
        )
    }
}
