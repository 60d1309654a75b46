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

    var cancelled: Int { total - waiting - active - completed - failed }

    /// How long the completed ones took together.
    private(set) var talkedSeconds: Int64 = 0

    init(batch: BatchRecord, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "SELECT status, jobs, seconds FROM jobCount WHERE batchSequence = ?"
        )
        for row in try Row.fetchAll(statement, arguments: [batch.sequence]) {
            let jobs: Int = row["jobs"]
            total += jobs
            switch JobStatus(rawValue: row["status"]) {
            case .waiting: waiting = jobs
            case .active: active = jobs
            case .completed:
                completed = jobs
                talkedSeconds = row["seconds"]
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

extension JobCounts {
    /// The database counts along, so that looking at a batch costs the same for any number of jobs.
    static func migrate(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE jobCount (
                    batchSequence INTEGER NOT NULL,
                    status TEXT NOT NULL,
                    jobs INTEGER NOT NULL DEFAULT 0,
                    seconds INTEGER NOT NULL DEFAULT 0,
                    PRIMARY KEY (batchSequence, status)
                ) WITHOUT ROWID;
                INSERT INTO jobCount
                    SELECT batchSequence, status, count(*), coalesce(sum(duration), 0) FROM job
                    GROUP BY batchSequence, status;
                CREATE TRIGGER jobCounted AFTER UPDATE OF status ON job
                WHEN OLD.status <> NEW.status
                BEGIN
                    UPDATE jobCount SET jobs = jobs - 1
                        WHERE batchSequence = OLD.batchSequence AND status = OLD.status;
                    INSERT INTO jobCount (batchSequence, status, jobs, seconds)
                        VALUES (NEW.batchSequence, NEW.status, 1, coalesce(NEW.duration, 0))
                        ON CONFLICT DO UPDATE SET
                            jobs = jobs + 1, seconds = seconds + excluded.seconds;
                END;
                CREATE TRIGGER batchForgotten AFTER DELETE ON batch
                BEGIN
                    DELETE FROM jobCount WHERE batchSequence = OLD.sequence;
                END;
                """
        )
    }

    /// Counts the jobs of a new batch, all at once.
    static func begin(_ batch: BatchRecord, _ jobs: Int, _ database: Database) throws {
        try database.execute(
            cached: "INSERT INTO jobCount (batchSequence, status, jobs) VALUES (?, ?, ?)",
            arguments: [batch.sequence, JobStatus.waiting.rawValue, jobs]
        )
    }
}
