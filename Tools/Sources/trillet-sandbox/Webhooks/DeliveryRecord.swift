import GRDB

enum DeliveryStatus: String, Codable, CaseIterable, Sendable {
    case pending, delivered, failed
    /// It got lost on its way, because a fault says so.
    case lost
}

/// One event on its way to one receiver. It is stored together with what it tells of, so it
/// survives a crash and is sent at least once.
struct DeliveryRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "delivery"

    var sequence: Int64?
    /// The same for every attempt: receivers know a repetition by it.
    var id: String
    var workspaceId: String
    var callId: String
    var event: String
    var url: String
    var target: String
    /// The bytes that are sent and signed.
    var body: String
    /// When the event happens.
    var createdAt: Int64
    /// When the next attempt may be made.
    var dueAt: Int64
    var status = DeliveryStatus.pending
    /// The attempts so far, as a JSON array.
    var attempts = "[]"
    /// What the receiver wants; `nil` for what the options of the sandbox say.
    var secret: String?
    var proof: WebhookProof?
    /// What went wrong on purpose, as a fault's header would say it.
    var fault: String?

    static func createTable(_ database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE delivery (
                    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
                    id TEXT NOT NULL UNIQUE,
                    workspaceId TEXT NOT NULL REFERENCES workspace (id),
                    callId TEXT NOT NULL,
                    event TEXT NOT NULL,
                    url TEXT NOT NULL,
                    target TEXT NOT NULL,
                    body TEXT NOT NULL,
                    createdAt INTEGER NOT NULL,
                    dueAt INTEGER NOT NULL,
                    status TEXT NOT NULL,
                    attempts TEXT NOT NULL
                );
                CREATE INDEX deliveryByStatus ON delivery (status, dueAt, sequence);
                """
        )
    }

    /// The deliveries to make at `time`, the oldest first, except to the receivers in `busy`.
    static func due(at time: Int64, except busy: Set<String>, _ database: Database) throws
        -> [DeliveryRecord]
    {
        var request = filter(
            Column("status") == DeliveryStatus.pending.rawValue && Column("dueAt") <= time
        )
        if !busy.isEmpty { request = request.filter(!busy.contains(Column("target"))) }
        return try request.order(Column("dueAt"), Column("sequence")).limit(256)
            .fetchAll(database)
    }

    /// Keeps what came of an attempt. The row is found by its id: a reset may have removed it since,
    /// and given its sequence to another.
    func saveProgress(_ database: Database) throws {
        try database.execute(
            sql: "UPDATE delivery SET status = ?, dueAt = ?, attempts = ?, fault = ? WHERE id = ?",
            arguments: [status.rawValue, dueAt, attempts, fault, id]
        )
    }

    /// How many that have come to their end are kept to be looked at.
    private static let kept: Int64 = 10_000

    /// How many may wait for a receiver that is too slow, or gone.
    private static let mostWaiting: Int64 = 200_000

    /// Forgets those that have long come to their end, and gives up those that wait in vain.
    static func prune(upTo sequence: Int64, at time: Int64, _ database: Database) throws {
        guard sequence % 1_000 == 0 else { return }
        try database.execute(
            sql: "DELETE FROM delivery WHERE sequence <= ? AND status <> 'pending'",
            arguments: [sequence - kept]
        )
        let reason = WebhookAttempt(
            at: time,
            milliseconds: 0,
            error: "More than \(mostWaiting) webhooks wait"
        )
        try database.execute(
            sql: """
                UPDATE delivery SET status = 'failed', attempts = json_insert(attempts, '$[#]', json(?))
                WHERE sequence <= ? AND status = 'pending'
                """,
            arguments: [reason.json.text, sequence - mostWaiting]
        )
    }
}

extension DeliveryRecord {
    /// How long to wait after each failed attempt, in milliseconds of simulated time. After the last
    /// one the delivery has failed.
    static let gaps: [Int64] = [5_000, 30_000, 120_000, 600_000, 3_600_000]

    /// What cannot be read any more counts as none: no stored text may stop the others.
    var attemptsMade: [JSON] {
        (try? JSON(parsing: attempts))?.arrayValue ?? []
    }

    /// Notes one more attempt.
    ///
    /// - Parameters:
    ///   - isFinal: whether a failure is not to be tried again.
    ///   - time: the present, from which the next gap counts.
    mutating func note(_ attempt: WebhookAttempt, isFinal: Bool = false, at time: Int64) {
        let tries = attemptsMade.count { $0.objectValue?["repeated"] != true } + 1
        keep(attempt.json)
        if attempt.isSuccess {
            status = .delivered
        } else if isFinal || tries > DeliveryRecord.gaps.count {
            status = .failed
        } else {
            dueAt = time + DeliveryRecord.gaps[tries - 1]
        }
    }

    /// Notes an attempt that a fault has added: nothing depends on what came of it.
    mutating func noteRepetition(_ attempt: WebhookAttempt) {
        guard var entry = attempt.json.objectValue else { return }
        entry["repeated"] = true
        keep(.object(entry))
    }

    /// Makes it due again. What a fault did to it is over.
    mutating func resend(at time: Int64) {
        status = .pending
        dueAt = time
        fault = fault ?? DeliveryRecord.noFault
    }

    /// What stands in place of a fault once none may strike any more.
    static let noFault = ""

    private mutating func keep(_ attempt: JSON) {
        let made = (attemptsMade + [attempt]).suffix(DeliveryRecord.mostAttempts)
        attempts = JSON.array(Array(made)).text
    }

    /// Whoever has something sent again and again loses the oldest attempts.
    private static let mostAttempts = 100
}

/// What came of sending a webhook once.
struct WebhookAttempt: Sendable {
    let at: Int64
    var milliseconds: Int64
    /// The HTTP status of the answer, if one came.
    var status: Int?
    var error: String?

    var isSuccess: Bool { status.map { (200..<300).contains($0) } ?? false }

    var json: JSON {
        [
            "at": .number(at), "milliseconds": .number(milliseconds),
            "status": status.map { .number($0) } ?? .null,
            "error": error.map(JSON.string) ?? .null,
        ]
    }
}
