import GRDB

/// Who may use the sandbox: a key and a workspace it opens.
struct Account: Sendable, Equatable {
    let apiKey: String
    let workspace: String
}

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

/// Named values of the database as a whole.
enum Setting {
    private static let simulatedTime = "simulatedTime"

    /// The latest simulated time that was saved, in Unix milliseconds.
    static func savedTime(_ database: Database) throws -> Int64? {
        let text = try String.fetchOne(
            database,
            cached: "SELECT value FROM setting WHERE name = ?",
            arguments: [simulatedTime]
        )
        return text.flatMap { Int64($0) }
    }

    static func saveTime(_ milliseconds: Int64, _ database: Database) throws {
        try database.execute(
            cached: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
            arguments: [simulatedTime, String(milliseconds)]
        )
    }
}

extension Setting {
    private static let singleCalls = "singleCalls"

    /// How many calls were sent one by one before this one, which is counted from now on.
    static func nextCallIndex(_ database: Database) throws -> Int64 {
        let count = try Int64.fetchOne(
            database,
            cached: """
                UPDATE setting SET value = value + 1 WHERE name = ?
                RETURNING CAST(value AS INTEGER)
                """,
            arguments: [singleCalls]
        )
        if let count { return count - 1 }
        let earlier =
            try Int64.fetchOne(
                database,
                sql: "SELECT count(*) FROM call WHERE batchSequence IS NULL"
            ) ?? 0
        try database.execute(
            cached: "INSERT INTO setting (name, value) VALUES (?, ?)",
            arguments: [singleCalls, String(earlier + 1)]
        )
        return earlier
    }
}

enum Accounts {
    /// Makes sure that the account exists and that its workspace has a free phone number.
    static func ensure(_ account: Account, at time: Int64, _ database: Database) throws {
        try database.execute(
            cached: "INSERT OR IGNORE INTO workspace (id) VALUES (?)",
            arguments: [account.workspace]
        )
        try database.execute(
            cached: "INSERT OR IGNORE INTO access (apiKey, workspaceId) VALUES (?, ?)",
            arguments: [account.apiKey, account.workspace]
        )
        try NumberPool(workspace: account.workspace, time: time).ensureFreeNumber(database)
    }

    /// The workspaces that the key opens.
    static func workspaces(ofKey apiKey: String, _ database: Database) throws -> Set<String> {
        try Set(
            String.fetchAll(
                database.cachedStatement(sql: "SELECT workspaceId FROM access WHERE apiKey = ?"),
                arguments: [apiKey]
            )
        )
    }
}
