import GRDB
import Hummingbird

/// `GET /sandbox/plot`: the calls by state over time.
struct PlotRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    private static let usualPoints: Int64 = 60
    private static let mostPoints: Int64 = 500

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/sandbox/plot", plot)]
    }

    @Sendable private func plot(_ exchange: ControlExchange) async throws -> Response {
        let now = clock.now
        let query = try PageQuery(exchange)
        let points = try query.number("points") ?? PlotRoutes.usualPoints
        let wanted = (since: try query.number("since"), until: try query.number("until") ?? now)
        guard (1...PlotRoutes.mostPoints).contains(points) else {
            throw Failure.control(
                "points must be a whole number from 1 to \(PlotRoutes.mostPoints)"
            )
        }
        guard PlotRoutes.moments.contains(wanted.until) else {
            throw Failure.control("until must be a moment in Unix milliseconds")
        }
        let workspace = query.workspace
        let answer: JSONObject = try await store.read { database in
            let first = try Int64.fetchOne(
                database,
                cached: """
                    SELECT createdAt FROM call WHERE workspaceId = ? ORDER BY sequence LIMIT 1
                    """,
                arguments: [workspace]
            )
            let since = min(max(wanted.since ?? first ?? now, 0), wanted.until, now)
            let width = max((wanted.until - since + points - 1) / points, 1)
            var plot = CallPlot(since: since, width: width, points: Int(points), now: now)
            try plot.read(workspace, database)
            return plot.json
        }
        return Answer.uncached(answer).response
    }

    private static let moments: ClosedRange<Int64> = 0...SimulatedClock.latest
}

/// Calls by state in steps of the same length.
private struct CallPlot {
    let since: Int64
    let width: Int64
    let points: Int
    let now: Int64

    /// For each state by how much more or fewer calls are in it than a step before.
    private var changes: [[Int]]
    private var successful: [Int]
    private var failed: [Int]

    private static let states: [CallState] = [.queued, .ringing, .talking]

    init(since: Int64, width: Int64, points: Int, now: Int64) {
        self.since = since
        self.width = width
        self.points = points
        self.now = now
        changes = Array(repeating: Array(repeating: 0, count: points + 1), count: 3)
        successful = Array(repeating: 0, count: points)
        failed = successful
    }

    private var until: Int64 { since + width * Int64(points) }

    /// Everything is in the index.
    mutating func read(_ workspace: String, _ database: Database) throws {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT createdAt, ringingAt, talkingAt, endsAt, error IS NULL
                    FROM call INDEXED BY callByEnd
                    WHERE workspaceId = ? AND endsAt > ? AND createdAt <= ?
                    """
            ),
            arguments: [workspace, since, min(until, now)]
        )
        while let row = try rows.next() {
            let ends: Int64 = row[3]
            let talks: Int64 = row[2] ?? ends
            add(0, from: row[0], to: min(row[1], ends))
            add(1, from: row[1], to: min(talks, ends))
            add(2, from: talks, to: ends)
            guard ends <= min(now, until - 1) else { continue }
            let step = Int((ends - since) / width)
            if row[4] as Bool { successful[step] += 1 } else { failed[step] += 1 }
        }
    }

    /// A step shows how it is at its end, the last one how it is now.
    private mutating func add(_ state: Int, from start: Int64, to end: Int64) {
        guard start < end, start <= now else { return }
        let first = step(endingFrom: start)
        let last = step(endingFrom: end)
        guard first < last else { return }
        changes[state][first] += 1
        changes[state][last] -= 1
    }

    /// The first step whose end is not before `moment`.
    private func step(endingFrom moment: Int64) -> Int {
        // Nothing is known of the steps after the present one.
        if moment > now { return min(Int((now - since) / width) + 1, points) }
        return moment <= since ? 0 : min(Int((moment - since - 1) / width), points)
    }

    var json: JSONObject {
        var json: JSONObject = [
            "since": .number(since), "width": .number(width), "now": .number(now),
        ]
        for (index, state) in CallPlot.states.enumerated() {
            var count = 0
            json[state.rawValue] = .array(
                changes[index].prefix(points).map {
                    count += $0
                    return .number(count)
                }
            )
        }
        json["successful"] = .array(successful.map { JSON.number($0) })
        json["failed"] = .array(failed.map { JSON.number($0) })
        return json
    }
}
