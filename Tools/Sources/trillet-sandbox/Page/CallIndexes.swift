import GRDB

/// What the lists and the plot of calls need to stay quick with very many.
enum CallIndexes {
    /// Running calls are the last of the first index, which also has everything that is counted and
    /// drawn, so that no row is read for it.
    static func migrate(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE INDEX callByEnd
                ON call (workspaceId, endsAt, createdAt, ringingAt, talkingAt, error);
                CREATE INDEX callByNumber ON call (workspaceId, toNumber);
                """
        )
    }
}
