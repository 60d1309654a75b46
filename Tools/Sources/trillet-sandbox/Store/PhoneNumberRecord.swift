import GRDB

struct PhoneNumberRecord: Encodable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "phoneNumber"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var number: String
    var agentId: String?
    var createdAt: Int64
    /// What was bought or set, as JSON text.
    var document = "{}"
    /// When lists begin to show it.
    var listedAt: Int64 = 0

    func fields() throws -> JSONObject {
        try JSON(parsing: document).objectValue ?? JSONObject()
    }
}

extension PhoneNumberRecord {
    init(row: Row) {
        self.init(
            sequence: row["sequence"],
            id: row["id"],
            workspaceId: row["workspaceId"],
            number: row["number"],
            agentId: row["agentId"],
            createdAt: row["createdAt"],
            document: row["document"],
            listedAt: row["listedAt"]
        )
    }
}
