import GRDB
import Synchronization

/// Commits writes in groups: those that come in while a transaction is being committed share the
/// next one, and its wait for the disk. Each has a savepoint of its own, so that one that fails
/// takes nothing of the others with it. docs/decisions.md, shared-transactions.
///
/// Safe to use from any task. Writes run in the order in which they were added.
final class WriteQueue: Sendable {
    private struct State {
        var waiting: [any QueuedWrite] = []
        var isRunning = false
    }

    /// After this long a group is committed, however many writes are waiting: they would all wait
    /// for the last of them.
    private static let longestGroup = Duration.milliseconds(20)
    private static let largestGroup = 256

    private let database: any DatabaseWriter
    /// `nil` for a database in memory.
    private let file: StoreFile?
    private let state = Mutex(State())

    init(_ database: any DatabaseWriter, file: StoreFile?) {
        self.database = database
        self.file = file
    }

    /// Runs `body` in a transaction. Returns after the commit.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withUnsafeThrowingContinuation { continuation in
            add(OneWrite(body: body, continuation: continuation))
        }
    }

    private func add(_ write: any QueuedWrite) {
        let mustStart = state.withLock { state in
            state.waiting.append(write)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustStart {
            database.asyncWriteWithoutTransaction { self.drain($0) }
        }
    }

    private func drain(_ database: Database) {
        while true {
            let writes = state.withLock { state in
                defer { state.waiting.removeAll() }
                if state.waiting.isEmpty { state.isRunning = false }
                return state.waiting
            }
            guard !writes.isEmpty else { return }
            var rest = writes[...]
            while !rest.isEmpty { rest = commitGroup(of: rest, database) }
        }
    }

    /// Commits the first writes of `writes` and returns the others.
    private func commitGroup(
        of writes: ArraySlice<any QueuedWrite>,
        _ database: Database
    ) -> ArraySlice<any QueuedWrite> {
        do {
            if let file, !file.isInPlace { throw file.failure(nothingStored: true) }
            try database.run("BEGIN IMMEDIATE TRANSACTION")
        } catch {
            for write in writes { write.fail(error) }
            return []
        }
        let start = ContinuousClock.now
        var end = writes.startIndex
        do {
            repeat {
                try runInSavepoint(writes[end], database)
                end += 1
            } while end < writes.endIndex && end - writes.startIndex < WriteQueue.largestGroup
                && start.duration(to: .now) < WriteQueue.longestGroup
            try database.run("COMMIT TRANSACTION")
            if let file, !file.isInPlace {
                let failure = file.failure(nothingStored: false)
                for write in writes[..<end] { write.fail(failure) }
                return writes[end...]
            }
            for write in writes[..<end] { write.succeed() }
        } catch {
            if database.isInsideTransaction { try? database.run("ROLLBACK TRANSACTION") }
            let failed = writes[..<min(end + 1, writes.endIndex)]
            recover(failed, from: error, database)
            return writes[failed.endIndex...]
        }
        return writes[end...]
    }

    /// One write that is too much, for a full disk for example, is refused without the others.
    private func recover(
        _ writes: ArraySlice<any QueuedWrite>,
        from error: any Error,
        _ database: Database
    ) {
        guard writes.count > 1 else {
            for write in writes { write.fail(error) }
            return
        }
        for write in writes { _ = commitGroup(of: [write], database) }
    }

    /// - Throws: when the database has given up the whole transaction.
    private func runInSavepoint(_ write: any QueuedWrite, _ database: Database) throws {
        try database.run("SAVEPOINT write")
        do {
            try write.run(database)
        } catch {
            guard database.isInsideTransaction else { throw error }
            try database.run("ROLLBACK TO SAVEPOINT write")
        }
        try database.run("RELEASE SAVEPOINT write")
    }
}

extension Database {
    fileprivate func run(_ sql: String) throws {
        try cachedStatement(sql: sql).execute()
    }
}

/// A write that somebody awaits. Only the queue's one thread touches it, and it is told exactly
/// once how it ended.
private protocol QueuedWrite: AnyObject, Sendable {
    /// Does the work and keeps what came of it; may be called again after a rollback.
    func run(_ database: Database) throws
    /// The transaction is committed: the result, or the error, of the last run holds.
    func succeed()
    func fail(_ error: any Error)
}

private final class OneWrite<Value: Sendable>: QueuedWrite, @unchecked Sendable {
    private let body: @Sendable (Database) throws -> Value
    private let continuation: UnsafeContinuation<Value, any Error>
    private var outcome: Result<Value, any Error>?

    init(
        body: @escaping @Sendable (Database) throws -> Value,
        continuation: UnsafeContinuation<Value, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func run(_ database: Database) throws {
        outcome = Result { try body(database) }
        _ = try outcome?.get()
    }

    func succeed() {
        guard let outcome else { preconditionFailure("A write was committed before it was run") }
        continuation.resume(with: outcome.mapError { StoreFailure.translated($0) })
    }

    func fail(_ error: any Error) {
        continuation.resume(throwing: StoreFailure.translated(error))
    }
}
