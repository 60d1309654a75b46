import GRDB

/// The sandbox's memory: one SQLite database, in a file or in memory.
struct Store: Sendable {
    let database: any DatabaseWriter
    let isPersistent: Bool

    /// Opens `path`, or a database in memory for `nil`, and brings its tables up to date.
    init(path: String?) throws {
        if let path {
            // Other processes may work on the file: the subcommands do.
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            database = try DatabasePool(path: path, configuration: configuration)
        } else {
            database = try DatabaseQueue()
        }
        isPersistent = path != nil
        try Migrations.all.migrate(database)
    }

    /// Runs `body` in one transaction. Returns after the commit.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await database.write(body)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }
}
