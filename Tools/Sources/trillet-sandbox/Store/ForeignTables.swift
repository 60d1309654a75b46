import GRDB

/// A file with the tables of another program gets none of the sandbox's.
enum ForeignTables {
    private static let mostNamed = 3

    /// Looks before anything is changed: a pool would change the file's journal.
    ///
    /// - Throws: ``SandboxFailure`` when there are tables in the file, and no sandbox made them.
    static func check(_ path: String, _ configuration: Configuration) throws {
        let file = try DatabaseQueue(path: path, configuration: configuration)
        let tables = try file.read { database in
            let names = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_master
                    WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                    ORDER BY name
                    """
            )
            return try isOwn(names, database) ? [] : names
        }
        try file.close()
        guard !tables.isEmpty else { return }
        let named = tables.prefix(mostNamed).joined(separator: ", ")
        throw SandboxFailure(
            "it has tables that no sandbox has made (\(named)\(tables.count > mostNamed ? ", ..." : "")); "
                + "give a file of its own to --database"
        )
    }

    private static func isOwn(_ names: [String], _ database: Database) throws -> Bool {
        guard names.contains("grdb_migrations") else { return false }
        return try Migrations.all.appliedIdentifiers(database).contains(Migrations.first)
    }
}
