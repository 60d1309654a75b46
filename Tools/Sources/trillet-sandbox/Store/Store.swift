import GRDB
import Glibc

/// The sandbox's memory: one SQLite database, in a file or in memory.
struct Store: Sendable {
    let database: any DatabaseWriter
    private let file: StoreFile?
    private let writes: WriteQueue

    var isPersistent: Bool { file != nil }

    /// How long a write waits for another program that has locked the file.
    private static let longestWaitForLock = 2.0
    private static let readers = 4
    private static let largestIdleJournal = 16 * 1_048_576

    /// Opens `path`, or a database in memory for `nil`, and brings its tables up to date.
    init(path: String?) throws {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Store.longestWaitForLock)
        configuration.maximumReaderCount = Store.readers
        if let path {
            try ForeignTables.check(path, configuration)
            database = try DatabasePool(path: path, configuration: configuration)
            // An answer is a promise: what it tells is on the disk.
            try database.writeWithoutTransaction {
                try $0.execute(
                    sql: """
                        PRAGMA synchronous = FULL;
                        PRAGMA journal_size_limit = \(Store.largestIdleJournal);
                        """
                )
            }
        } else {
            database = try DatabaseQueue(configuration: configuration)
        }
        try Migrations.all.migrate(database)
        file = path.map(StoreFile.init)
        writes = WriteQueue(database, file: file)
    }

    /// Runs `body` in a transaction, which it may share with other writes: it fails alone, and it
    /// may be run again. Returns after the commit.
    ///
    /// - Throws: what `body` throws, and ``Failure`` 503 when the database takes no writes.
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        try await writes.write(body)
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws -> Result {
        do {
            // A reader of a file needs microseconds, less than waking another thread. In memory
            // there is one connection, which may be at a long write: that is not waited for here.
            if isPersistent { return try readNow(body) }
            return try await database.unsafeRead(body)
        } catch {
            throw StoreFailure.translated(error)
        }
    }

    /// Closes the database, which then is one whole file.
    func close() throws {
        if let file, !file.isInPlace {
            try? database.close()
            throw SandboxFailure(
                "The database \(file.path) was deleted or replaced while the sandbox ran; what "
                    + "was refused since is nowhere"
            )
        }
        if isPersistent {
            // Another program that reads just now may keep the journal; it is applied later.
            _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        }
        try database.close()
        // The pool closes its writer before its readers, which may not tidy up: the journal and its
        // index are removed by the last connection that may.
        if let file {
            let last = try DatabaseQueue(path: file.path)
            _ = try last.read { try Setting.savedClock($0) }
            try last.close()
        }
    }

    private func readNow<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try database.unsafeRead { database in
            // The database's own read parses these two statements anew each time.
            try database.cachedStatement(sql: "BEGIN DEFERRED TRANSACTION").execute()
            do {
                let result = try body(database)
                try database.cachedStatement(sql: "COMMIT TRANSACTION").execute()
                return result
            } catch {
                try? database.execute(sql: "ROLLBACK TRANSACTION")
                throw error
            }
        }
    }
}

/// The claim of a running server on its database file. It ends with the process, however that ends.
struct StoreClaim: Sendable {
    private let descriptor: Int32

    /// - Throws: ``SandboxFailure`` when another server holds the file.
    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw SandboxFailure(
                "The database \(path) cannot be opened for writing: "
                    + String(cString: strerror(errno))
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw SandboxFailure(
                "The database \(path) cannot be opened: another trillet-sandbox uses it; stop that one"
            )
        }
    }
}
