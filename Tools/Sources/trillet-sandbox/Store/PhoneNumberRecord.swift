import GRDB

struct PhoneNumberRecord: Encodable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "phoneNumber"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var number: String
    var agentId: String?
    var createdAt: Int64
}

extension PhoneNumberRecord {
    init(row: Row) {
        self.init(
            sequence: row["sequence"],
            id: row["id"],
            workspaceId: row["workspaceId"],
            number: row["number"],
            agentId: row["agentId"],
            createdAt: row["createdAt"]
        )
    }
}
