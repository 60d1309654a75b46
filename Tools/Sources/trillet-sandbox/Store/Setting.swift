import GRDB

/// Named values of the database as a whole.
enum Setting {
    private static let simulatedTime = "simulatedTime"
    private static let clockSpeed = "clockSpeed"
    private static let clockIsPaused = "clockIsPaused"

    /// The clock of an earlier run; `nil` on a new database.
    static func savedClock(_ database: Database) throws -> SimulatedClock.Saved? {
        guard let time = try value(of: simulatedTime, database).flatMap({ Int64($0) }) else {
            return nil
        }
        let speed = try value(of: clockSpeed, database).flatMap { Double($0) }
        return SimulatedClock.Saved(
            time: min(max(time, 0), SimulatedClock.latest),
            // Nothing that a file says may stop a start.
            speed: speed.flatMap { SimulatedClock.allowedSpeeds.contains($0) ? $0 : nil },
            isPaused: try value(of: clockIsPaused, database) == "true"
        )
    }

    /// Keeps the latest simulated time, in Unix milliseconds.
    static func saveTime(_ milliseconds: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE
                SET value = excluded.value
                WHERE CAST(setting.value AS INTEGER) < CAST(excluded.value AS INTEGER)
                """
        )
        try statement.execute(arguments: [simulatedTime, String(milliseconds)])
    }

    /// Keeps how the clock was steered.
    static func saveClock(_ reading: SimulatedClock.Reading, _ database: Database) throws {
        try saveTime(reading.now, database)
        try save(String(reading.speed), as: clockSpeed, database)
        try save(String(reading.isPaused), as: clockIsPaused, database)
    }

    private static func value(of name: String, _ database: Database) throws -> String? {
        try String.fetchOne(
            database,
            cached: "SELECT value FROM setting WHERE name = ?",
            arguments: [name]
        )
    }

    private static func save(_ value: String, as name: String, _ database: Database) throws {
        try database.execute(
            cached: "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)",
            arguments: [name, value]
        )
    }
}

extension Setting {
    private static let singleCalls = "singleCalls"

    /// How many calls were sent one by one before this one, which is counted from now on.
    static func nextCallIndex(_ database: Database) throws -> Int64 {
        let count = try Int64.fetchOne(
            database,
            cached: """
                UPDATE setting SET value = value + 1 WHERE name = ?
                RETURNING CAST(value AS INTEGER)
                """,
            arguments: [singleCalls]
        )
        if let count { return count - 1 }
        let earlier =
            try Int64.fetchOne(
                database,
                sql: "SELECT count(*) FROM call WHERE batchSequence IS NULL"
            ) ?? 0
        try database.execute(
            cached: "INSERT INTO setting (name, value) VALUES (?, ?)",
            arguments: [singleCalls, String(earlier + 1)]
        )
        return earlier
    }
}
