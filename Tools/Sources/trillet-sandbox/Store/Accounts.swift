import GRDB

/// Who may use the sandbox: a key and a workspace it opens.
struct Account: Sendable, Equatable {
    let apiKey: String
    let workspace: String
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

    static func all(_ database: Database) throws -> [Account] {
        try Row.fetchAll(database, sql: "SELECT * FROM access ORDER BY workspaceId, apiKey")
            .map { Account(apiKey: $0["apiKey"], workspace: $0["workspaceId"]) }
    }

    /// - Parameter workspace: the only one to shut the key out of, `nil` for every one.
    /// - Returns: how many workspaces the key has lost.
    static func remove(apiKey: String, workspace: String?, _ database: Database) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM access
                WHERE apiKey = :key AND (:workspace IS NULL OR workspaceId = :workspace)
                """,
            arguments: ["key": apiKey, "workspace": workspace]
        )
        return database.changesCount
    }
}
