import GRDB

/// A row that keeps what clients set as a document: an agent or a flow.
protocol DocumentRecord: FetchableRecord, PersistableRecord, Sendable {
    var id: String { get }
    var workspaceId: String { get }
    /// The fields a client can set, as JSON text.
    var document: String { get }
    var createdAt: Int64 { get }
    var updatedAt: Int64 { get }
}

extension DocumentRecord {
    func fields() throws -> JSONObject {
        try JSON(parsing: document).objectValue ?? JSONObject()
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> Self? {
        try fetchOne(
            database,
            cached: "SELECT * FROM \(databaseTableName) WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func list(workspace: String, slice: Slice, _ database: Database) throws -> [Self] {
        try fetchAll(
            database,
            cached: """
                SELECT * FROM \(databaseTableName) WHERE workspaceId = ?
                ORDER BY sequence LIMIT ? OFFSET ?
                """,
            arguments: [workspace, slice.limit, slice.offset]
        )
    }

    static func count(workspace: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database,
            cached: "SELECT count(*) FROM \(databaseTableName) WHERE workspaceId = ?",
            arguments: [workspace]
        ) ?? 0
    }
}

/// Which rows of a list are wanted; a negative limit means all of them.
struct Slice: Sendable {
    let limit: Int
    let offset: Int

    static let all = Slice(limit: -1, offset: 0)
}
