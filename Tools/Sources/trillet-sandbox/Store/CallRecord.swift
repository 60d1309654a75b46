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
    /// A browser's call, which rings nowhere and has no numbers.
    var isWeb = false
    /// What was said and how it ended, as JSON, of a call with a ``Caller``.
    var conversation: String?

    var roomName: String { agentId + "-" + id }

    var duration: Int64 { (endsAt - createdAt) / 1_000 }

    func state(at time: Int64) -> CallState {
        CallState(ringingAt: ringingAt, talkingAt: talkingAt, endsAt: endsAt, at: time)
    }

    static func find(id: String, workspace: String, _ database: Database) throws -> CallRecord? {
        try fetchOne(
            database,
            cached: "SELECT * FROM call WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    static func find(roomName: String, workspace: String, _ database: Database) throws
        -> CallRecord?
    {
        let id = identifier(of: roomName)
        let call = try find(id: id, workspace: workspace, database)
        return call?.roomName == roomName ? call : nil
    }
}

enum CallState: String, CaseIterable, Sendable {
    case queued, ringing, talking, ended

    /// That of a call with these times.
    init(ringingAt: Int64, talkingAt: Int64?, endsAt: Int64, at time: Int64) {
        if time >= endsAt {
            self = .ended
        } else if let talkingAt, time >= talkingAt {
            self = .talking
        } else {
            self = time >= ringingAt ? .ringing : .queued
        }
    }

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
                    variables, metadata, callbackUrl, conversation
                ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            id, workspaceId, agentId, flowId, batchSequence, fromNumber, toNumber, isRecorded,
            createdAt, ringingAt, talkingAt, endsAt, error, transcript, variables, metadata,
            callbackUrl, conversation,
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
