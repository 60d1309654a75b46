import GRDB

enum JobStatus: String, CaseIterable, Codable, Sendable {
    case waiting, active, completed, failed, cancelled
}

/// One row of a batch's CSV file.
struct JobRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "job"
    private static let identifierPrefix = "call_"

    var number: Int64?
    var workspaceId: String
    var batchSequence: Int64
    var row: Int64
    var status: JobStatus
    var phoneNumber: String
    /// The fields of the row as a JSON array, in the order of the batch's columns.
    var cells: String
    var attempts: Int
    /// When a waiting job may be dialled, or an active one ends.
    var eventAt: Int64
    var startedAt: Int64?
    var endedAt: Int64?
    var duration: Int64?
    var error: String?
    var callId: String?

    var id: String { JobRecord.identifierPrefix + String(number ?? 0) }

    static func find(id: String, batch: BatchRecord, _ database: Database) throws -> JobRecord? {
        guard id.hasPrefix(identifierPrefix),
            let number = Int64(id.dropFirst(identifierPrefix.count)),
            identifierPrefix + String(number) == id
        else { return nil }
        return try fetchOne(
            database,
            cached: "SELECT * FROM job WHERE number = ? AND batchSequence = ?",
            arguments: [number, batch.sequence]
        )
    }
}

// As calls are: by the position of their columns.

extension JobRecord {
    /// The first job of the workspace with this status whose moment has come.
    static func first(
        _ status: JobStatus,
        in workspace: String,
        by now: Int64,
        _ database: Database
    )
        throws -> JobRecord?
    {
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, batchSequence, row, phoneNumber, cells, attempts, eventAt, startedAt,
                    endedAt, duration, error, callId
                FROM job WHERE workspaceId = ? AND status = ? AND eventAt <= ?
                ORDER BY eventAt, number LIMIT 1
                """
        )
        let rows = try Row.fetchCursor(statement, arguments: [workspace, status.rawValue, now])
        return try rows.next().map { JobRecord($0, status, workspace) }
    }

    /// The waiting jobs of the workspace that may be dialled, in their order.
    static func next(_ count: Int, in workspace: String, by now: Int64, _ database: Database)
        throws -> [JobRecord]
    {
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, batchSequence, row, phoneNumber, cells, attempts, eventAt, startedAt,
                    endedAt, duration, error, callId
                FROM job WHERE workspaceId = ? AND status = 'waiting' AND eventAt <= ?
                ORDER BY eventAt, number LIMIT ?
                """
        )
        let rows = try Row.fetchAll(statement, arguments: [workspace, now, count])
        return rows.map { JobRecord($0, .waiting, workspace) }
    }

    private init(_ row: Row, _ status: JobStatus, _ workspace: String) {
        self.init(
            number: row[0],
            workspaceId: workspace,
            batchSequence: row[1],
            row: row[2],
            status: status,
            phoneNumber: row[3],
            cells: row[4],
            attempts: row[5],
            eventAt: row[6],
            startedAt: row[7],
            endedAt: row[8],
            duration: row[9],
            error: row[10],
            callId: row[11]
        )
    }

    /// Writes what changes while a job is dialled and ends.
    func updateCourse(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE job SET status = ?, attempts = ?, eventAt = ?, startedAt = ?, endedAt = ?,
                    duration = ?, error = ?, callId = ?
                WHERE number = ?
                """
        )
        try statement.execute(arguments: [
            status.rawValue, attempts, eventAt, startedAt, endedAt, duration, error, callId, number,
        ])
    }
}
