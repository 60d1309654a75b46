import GRDB

/// One dialled call with its whole course, which is settled when it is dialled. Its state at any
/// moment follows from the times.
struct CallRecord: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "call"

    var sequence: Int64?
    var id: String
    var workspaceId: String
    var agentId: String
    var flowId: String
    var batchSequence: Int64?
    var fromNumber: String
    var toNumber: String
    var isRecorded: Bool
    var createdAt: Int64
    /// When it begins to ring; the same as the end when it never does.
    var ringingAt: Int64
    /// When somebody answers; `nil` when nobody does.
    var talkingAt: Int64?
    var endsAt: Int64
    /// Why the call fails; `nil` when it succeeds.
    var error: String?
    var transcript: String
    var variables: String
    var metadata: String?
    var callbackUrl: String?

    var roomName: String { agentId + "-" + id }

    var duration: Int64 { (endsAt - createdAt) / 1_000 }

    func state(at time: Int64) -> CallState {
        if time >= endsAt { return .ended }
        if let talkingAt, time >= talkingAt { return .talking }
        return time >= ringingAt ? .ringing : .queued
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> CallRecord? {
        try fetchOne(
            database,
            cached: "SELECT * FROM call WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }
}

enum CallState: String, CaseIterable, Sendable {
    case queued, ringing, talking, ended

    /// The state as a condition on the times of a call at `:now`.
    var condition: String {
        switch self {
        case .queued: "ringingAt > :now"
        case .ringing: "ringingAt <= :now AND endsAt > :now AND coalesce(talkingAt, endsAt) > :now"
        case .talking: "talkingAt <= :now AND endsAt > :now"
        case .ended: "endsAt <= :now"
        }
    }
}

enum BatchStatus: String, Codable, Sendable {
    case queued, processing, completed, cancelled, failed

    var isFinal: Bool { self != .queued && self != .processing }
}

struct BatchRecord: Codable, FetchableRecord, MutablePersistableRecord {
    static let databaseTableName = "batch"
    private static let identifierPrefix = "batch_"
    private static let firstNumber: Int64 = 1_000_000

    var sequence: Int64?
    var workspaceId: String
    var agentId: String
    var status: BatchStatus
    /// The header of the CSV file as a JSON array.
    var columns: String
    /// What is said and from which number, as it was when the batch started.
    var script: CallScript
    var redialling: Redialling
    var createdAt: Int64
    var scheduledAt: Int64?
    var startedAt: Int64?
    var finishedAt: Int64?
    /// The counts at the moment the batch was cancelled.
    var cancellation: Cancellation?

    struct Cancellation: Codable, Sendable {
        let completed: Int
        let failed: Int
        let cancelled: Int
        let total: Int
    }

    mutating func didInsert(_ inserted: InsertionSuccess) {
        sequence = inserted.rowID
    }

    var id: String { BatchRecord.identifier(sequence: sequence ?? 0) }

    static func identifier(sequence: Int64) -> String {
        identifierPrefix + String(firstNumber + sequence)
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> BatchRecord? {
        guard let sequence = sequence(ofIdentifier: id) else { return nil }
        return try fetchOne(
            database,
            cached: "SELECT * FROM batch WHERE workspaceId = ? AND sequence = ?",
            arguments: [workspace, sequence]
        )
    }

    static func sequence(ofIdentifier id: String) -> Int64? {
        guard id.hasPrefix(identifierPrefix),
            let number = Int64(id.dropFirst(identifierPrefix.count)), number > firstNumber,
            identifier(sequence: number - firstNumber) == id
        else { return nil }
        return number - firstNumber
    }
}

enum JobStatus: String, Codable, Sendable {
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
