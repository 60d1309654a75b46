import GRDB

struct AgentRecord: DocumentRecord, Encodable {
    static let databaseTableName = "agent"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var document: String
    var createdAt: Int64
    var updatedAt: Int64
}

extension AgentRecord {
    /// By hand: generic decoding takes longer than the query.
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
