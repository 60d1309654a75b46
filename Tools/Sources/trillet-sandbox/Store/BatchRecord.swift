import GRDB

enum BatchStatus: String, CaseIterable, Codable, Sendable {
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
