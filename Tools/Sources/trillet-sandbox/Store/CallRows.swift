import GRDB

// A simulation that is stepped over a day reads and writes these rows a hundred thousand times:
// by the position of their columns that takes a fraction of what it takes by their names.

extension CallRecord {
    /// Adds the call to the database.
    func insertRow(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO call (
                    id, workspaceId, agentId, flowId, batchSequence, fromNumber, toNumber,
                    isRecorded, createdAt, ringingAt, talkingAt, endsAt, error, transcript,
                    variables, metadata, callbackUrl
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            id, workspaceId, agentId, flowId, batchSequence, fromNumber, toNumber, isRecorded,
            createdAt, ringingAt, talkingAt, endsAt, error, transcript, variables, metadata,
            callbackUrl,
        ])
    }

    /// How a call ends: why it fails, `nil` when it succeeds, and its duration in seconds.
    static func ending(of id: String, _ database: Database) throws -> (String?, Int64)? {
        let statement = try database.cachedStatement(
            sql: "SELECT error, createdAt, endsAt FROM call WHERE id = ?"
        )
        let rows = try Row.fetchCursor(statement, arguments: [id])
        guard let row = try rows.next() else { return nil }
        let times: (created: Int64, end: Int64) = (row[1], row[2])
        return (row[0], (times.end - times.created) / 1_000)
    }
}

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
        guard let row = try rows.next() else { return nil }
        return JobRecord(
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
