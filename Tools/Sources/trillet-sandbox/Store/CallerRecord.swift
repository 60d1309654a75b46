import GRDB

/// Who is at a number, whichever workspace calls it: a phone belongs to none.
struct CallerRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "caller"
    static let most = 10_000

    let number: String
    /// As it was put.
    let document: String

    static func migrate(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE caller (
                    number TEXT PRIMARY KEY,
                    document TEXT NOT NULL
                ) WITHOUT ROWID;
                ALTER TABLE call ADD COLUMN conversation TEXT;
                """
        )
    }

    static func caller(at number: String, _ database: Database) throws -> Caller? {
        let record = try fetchOne(
            database,
            cached: "SELECT * FROM caller WHERE number = ?",
            arguments: [number]
        )
        guard let record, let fields = try JSON(parsing: record.document).objectValue else {
            return nil
        }
        return try Caller(at: number, fields)
    }
}

extension CallRecord {
    var heldConversation: JSONObject? {
        conversation.flatMap { try? JSON(parsing: $0) }?.objectValue
    }
}
