import GRDB

/// The calls of one workspace that are under way: those of its batches and single ones share its
/// limit.
struct RunningCalls {
    let workspace: String

    /// When the last single call that has been placed ends; 0 without any.
    func lastEndOfSingles(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: """
                SELECT endsAt FROM call WHERE workspaceId = ? AND batchSequence IS NULL
                ORDER BY endsAt DESC LIMIT 1
                """
        )
        return try Int64.fetchOne(statement, arguments: [workspace]) ?? 0
    }

    /// The moment from which fewer than `count` of the single calls that run at `time` still do;
    /// `nil` when there are fewer already.
    func singlesBelow(_ count: Int, at time: Int64, _ database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT endsAt FROM call
                WHERE workspaceId = :workspace AND batchSequence IS NULL
                    AND endsAt > :time AND createdAt <= :time
                ORDER BY endsAt DESC LIMIT 1 OFFSET :others
                """
        )
        return try Int64.fetchOne(
            statement,
            arguments: ["workspace": workspace, "time": time, "others": count - 1]
        )
    }

    /// The ends of the calls that run at `time`, the next one first, but at most `limit` of them.
    func ends(after time: Int64, limit: Int, _ database: Database) throws -> [Int64] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT * FROM (
                    SELECT endsAt FROM call
                    WHERE workspaceId = :workspace AND batchSequence IS NULL AND endsAt > :time
                    ORDER BY endsAt LIMIT :limit
                ) UNION ALL SELECT * FROM (
                    SELECT eventAt FROM job
                    WHERE workspaceId = :workspace AND status = 'active' AND eventAt > :time
                    ORDER BY eventAt LIMIT :limit
                ) ORDER BY 1 LIMIT :limit
                """
        )
        return try Int64.fetchAll(
            statement,
            arguments: ["workspace": workspace, "time": time, "limit": limit]
        )
    }
}
