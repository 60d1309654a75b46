import ArgumentParser
import Foundation
import GRDBSQLite
import Hummingbird
import Logging

/// What the sandbox is measured against: the web server and the database by themselves.
@main
struct SandboxBaseline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox-baseline",
        abstract: "The parts of the sandbox alone, for its benchmark.",
        subcommands: [Serve.self, Insert.self]
    )
}

/// One route that answers the same bytes.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Answer one route of Hummingbird.")

    @Option(help: "A file with the body of the answer.")
    var body: String

    func run() async throws {
        let bytes = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: body)))
        let router = Router()
        router.get("/") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/json; charset=utf-8"],
                body: .init(byteBuffer: bytes)
            )
        }
        var logger = Logger(label: "sandbox-baseline")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                FileHandle.standardOutput.write(Data("{\"port\":\(port)}\n".utf8))
            },
            logger: logger
        )
        try await application.runService()
    }
}

/// Rows as large as a stored call into a table with the same number of indexes, flushed to the disk.
struct Insert: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Insert rows with bare SQLite.")

    @Option(help: "The database file to make.")
    var database: String

    @Option(help: "How long to go on.")
    var seconds = 3.0

    @Option(help: "How many rows share a transaction.")
    var group = 1

    func run() throws {
        var connection: OpaquePointer?
        try check(sqlite3_open(database, &connection), connection)
        defer { sqlite3_close(connection) }
        let tables = """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE row (
                sequence INTEGER PRIMARY KEY, id TEXT UNIQUE, workspace TEXT, agent TEXT,
                at INTEGER, content TEXT
            );
            CREATE INDEX byWorkspace ON row (workspace, sequence);
            CREATE INDEX byAgent ON row (workspace, agent, at);
            """
        try check(sqlite3_exec(connection, tables, nil, nil, nil), connection)
        var insertion: OpaquePointer?
        let sql = """
            INSERT INTO row (id, workspace, agent, at, content) VALUES
            (hex(randomblob(5)), 'sandbox-workspace', '5d1c0a77e2b94f0013ab6c21', ?, ?)
            """
        try check(sqlite3_prepare_v2(connection, sql, -1, &insertion, nil), connection)
        defer { sqlite3_finalize(insertion) }
        let rows = try fill(connection, insertion)
        print("{\"rowsPerSecond\":\(Int(Double(rows) / seconds))}")
    }

    private func fill(_ connection: OpaquePointer?, _ insertion: OpaquePointer?) throws -> Int {
        let content = String(repeating: "as long as what a call says ", count: 12)
        let end = ContinuousClock.now + .seconds(seconds)
        var rows = 0
        while ContinuousClock.now < end {
            try check(sqlite3_exec(connection, "BEGIN IMMEDIATE", nil, nil, nil), connection)
            for _ in 0..<group {
                sqlite3_bind_int64(insertion, 1, Int64(rows))
                try content.withCString { text in
                    sqlite3_bind_text(insertion, 2, text, -1, nil)
                    guard sqlite3_step(insertion) == SQLITE_DONE else {
                        throw BaselineFailure(description: "A row could not be inserted")
                    }
                }
                sqlite3_reset(insertion)
                rows += 1
            }
            try check(sqlite3_exec(connection, "COMMIT", nil, nil, nil), connection)
        }
        return rows
    }

    private func check(_ code: Int32, _ connection: OpaquePointer?) throws {
        guard code != SQLITE_OK else { return }
        throw BaselineFailure(description: String(cString: sqlite3_errmsg(connection)))
    }
}

struct BaselineFailure: Error, CustomStringConvertible {
    let description: String
}
