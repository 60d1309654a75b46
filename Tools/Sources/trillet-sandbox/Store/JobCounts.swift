import GRDB

extension BatchRecord {
    func hasJob(_ status: JobStatus, _ database: Database) throws -> Bool {
        let statement = try database.cachedStatement(
            sql: "SELECT EXISTS (SELECT 1 FROM job WHERE batchSequence = ? AND status = ?)"
        )
        return try Bool.fetchOne(statement, arguments: [sequence, status.rawValue]) ?? false
    }
}

/// How many jobs of a batch are in which state. Jobs dropped by a cancellation count in `total` alone.
struct JobCounts: Sendable {
    private(set) var waiting = 0
    private(set) var active = 0
    private(set) var completed = 0
    private(set) var failed = 0
    private(set) var total = 0

    init(batch: BatchRecord, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT status, count(*) AS jobs FROM job WHERE batchSequence = ? GROUP BY status"
        )
        for row in try Row.fetchAll(statement, arguments: [batch.sequence]) {
            let jobs: Int = row["jobs"]
            total += jobs
            switch JobStatus(rawValue: row["status"]) {
            case .waiting: waiting = jobs
            case .active: active = jobs
            case .completed: completed = jobs
            case .failed: failed = jobs
            case .cancelled, nil: break
            }
        }
    }

    var json: JSONObject {
        [
            "waiting": .number(waiting), "active": .number(active),
            "completed": .number(completed), "failed": .number(failed), "total": .number(total),
        ]
    }
}
