import GRDB

// A simulation that is stepped over a day reads and writes these rows a hundred thousand times:
// column by column that takes a fraction of what the coding keys take.

extension CallRecord {
    init(row: Row) {
        self.init(
            sequence: row["sequence"],
            id: row["id"],
            workspaceId: row["workspaceId"],
            agentId: row["agentId"],
            flowId: row["flowId"],
            batchSequence: row["batchSequence"],
            fromNumber: row["fromNumber"],
            toNumber: row["toNumber"],
            isRecorded: row["isRecorded"],
            createdAt: row["createdAt"],
            ringingAt: row["ringingAt"],
            talkingAt: row["talkingAt"],
            endsAt: row["endsAt"],
            error: row["error"],
            transcript: row["transcript"],
            variables: row["variables"],
            metadata: row["metadata"],
            callbackUrl: row["callbackUrl"]
        )
    }

    func encode(to container: inout PersistenceContainer) {
        container["sequence"] = sequence
        container["id"] = id
        container["workspaceId"] = workspaceId
        container["agentId"] = agentId
        container["flowId"] = flowId
        container["batchSequence"] = batchSequence
        container["fromNumber"] = fromNumber
        container["toNumber"] = toNumber
        container["isRecorded"] = isRecorded
        container["createdAt"] = createdAt
        container["ringingAt"] = ringingAt
        container["talkingAt"] = talkingAt
        container["endsAt"] = endsAt
        container["error"] = error
        container["transcript"] = transcript
        container["variables"] = variables
        container["metadata"] = metadata
        container["callbackUrl"] = callbackUrl
    }
}

extension JobRecord {
    init(row: Row) {
        self.init(
            number: row["number"],
            workspaceId: row["workspaceId"],
            batchSequence: row["batchSequence"],
            row: row["row"],
            status: row["status"],
            phoneNumber: row["phoneNumber"],
            cells: row["cells"],
            attempts: row["attempts"],
            eventAt: row["eventAt"],
            startedAt: row["startedAt"],
            endedAt: row["endedAt"],
            duration: row["duration"],
            error: row["error"],
            callId: row["callId"]
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
            status, attempts, eventAt, startedAt, endedAt, duration, error, callId, number,
        ])
    }
}

extension JobStatus: DatabaseValueConvertible {}
