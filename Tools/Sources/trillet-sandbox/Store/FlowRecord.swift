import GRDB

struct FlowRecord: DocumentRecord, Encodable {
    static let databaseTableName = "flow"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var document: String
    var agentId: String?
    var isActive: Bool
    var createdAt: Int64
    var updatedAt: Int64

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

extension FlowRecord {
    /// By hand: generic decoding takes longer than the query.
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
