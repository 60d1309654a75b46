import GRDB

/// How far a batch has come.
struct BatchProgress: Sendable {
    let counts: JobCounts
    private let batch: BatchRecord
    private let averageDuration: Double
    private let recent: [JobRecord]

    private static let recentCalls = 10

    init(_ batch: BatchRecord, _ database: Database) throws {
        self.batch = batch
        counts = try JobCounts(batch: batch, database)
        averageDuration = Double(counts.talkedSeconds) / Double(max(1, counts.completed))
        recent = try [JobStatus.completed, .failed]
            .flatMap { try BatchProgress.latest($0, batch, database) }
            .sorted { ($0.endedAt ?? 0, $0.number ?? 0) > ($1.endedAt ?? 0, $1.number ?? 0) }
    }

    private static func latest(_ status: JobStatus, _ batch: BatchRecord, _ database: Database)
        throws -> [JobRecord]
    {
        try JobRecord.fetchAll(
            database,
            sql: """
                SELECT * FROM job WHERE batchSequence = ? AND status = ?
                ORDER BY endedAt DESC, number DESC LIMIT ?
                """,
            arguments: [batch.sequence, status.rawValue, recentCalls]
        )
    }

    /// - Parameter detailed: whether recent calls tell how they went.
    func json(detailed: Bool) -> JSONObject {
        var json = counts.json
        json["startTime"] = batch.startedAt.map(JSON.number) ?? .null
        json["lastCompletedTime"] = recent.first?.endedAt.map(JSON.number) ?? .null
        json["completedTime"] = batch.finishedAt.map(JSON.number) ?? .null
        json["averageCallDuration"] = .number((averageDuration * 100).rounded() / 100)
        json["recent_calls"] = .array(
            recent.prefix(BatchProgress.recentCalls).map { entry($0, detailed: detailed) }
        )
        return json
    }

    private func entry(_ job: JobRecord, detailed: Bool) -> JSON {
        var entry: JSONObject = [
            "jobId": .string(job.id), "status": .string(job.status.rawValue),
            "phone_number": .string(job.phoneNumber),
        ]
        let ended = job.endedAt.map { JSON.number($0) }
        if detailed, job.status == .failed {
            entry["failedAt"] = ended
            entry["error"] = job.error.map(JSON.string)
        } else {
            entry["completedAt"] = ended
            if detailed { entry["duration"] = job.duration.map { .number($0) } }
        }
        return .object(entry)
    }
}
