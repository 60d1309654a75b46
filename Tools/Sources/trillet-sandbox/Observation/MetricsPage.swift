import FoundationEssentials
import GRDB
import Glibc
import Hummingbird

/// `GET /metrics`: everything that can be counted, in the text format of Prometheus.
struct MetricsPage: Sendable {
    let store: Store
    let clock: SimulatedClock
    let metrics: RequestMetrics
    let feed: EventFeed

    private static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    func response() async throws -> Response {
        let clock = ClockDescription(self.clock)
        let figures = try await store.read { try StoredFigures(at: clock.now, $0) }
        var text = MetricsText()
        describeRequests(&text)
        describe(figures, &text)
        describe(clock, &text)
        describeProcess(&text)
        return Response(
            status: .ok,
            headers: [.contentType: MetricsPage.contentType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text.text))
        )
    }

    private func describeRequests(_ text: inout MetricsText) {
        let snapshot = metrics.snapshot
        text.family(
            "trillet_sandbox_requests_total",
            .counter,
            "Requests answered, by operation and HTTP status; status 0 was not answered.",
            snapshot.map { ($0.key.labels, Double($0.series.count)) }
        )
        text.histogram(
            "trillet_sandbox_request_duration_seconds",
            "Time from a request's head to its answer's, by operation and HTTP status.",
            bounds: RequestMetrics.bounds,
            snapshot.map { ($0.key.labels, $0.series.buckets, $0.series.seconds) }
        )
    }

    private func describe(_ figures: StoredFigures, _ text: inout MetricsText) {
        func gauge(_ name: String, _ help: String, _ label: String, _ values: [(String, Int)]) {
            text.family(
                "trillet_sandbox_" + name,
                .gauge,
                help,
                values.map { ([(label, $0.0)], Double($0.1)) }
            )
        }
        gauge("calls", "Calls by state, of batches or not.", "state", figures.calls)
        gauge("batches", "Batches by status.", "status", figures.batches)
        gauge(
            "jobs",
            "Rows of batches by status; waiting ones are the queue.",
            "status",
            figures.jobs
        )
        gauge("documents", "Agents, flows and phone numbers stored.", "kind", figures.documents)
    }

    private func describe(_ clock: ClockDescription, _ text: inout MetricsText) {
        text.family(
            "trillet_sandbox_clock_time_seconds",
            .gauge,
            "Simulated time since the epoch.",
            [([], Double(clock.now) / 1_000)]
        )
        text.family(
            "trillet_sandbox_clock_speed",
            .gauge,
            "How many times faster than real time simulated time runs.",
            [([], clock.speed)]
        )
        text.family(
            "trillet_sandbox_clock_paused",
            .gauge,
            "1 while simulated time stands still.",
            [([], clock.isPaused ? 1 : 0)]
        )
    }

    private func describeProcess(_ text: inout MetricsText) {
        text.family(
            "trillet_sandbox_event_listeners",
            .gauge,
            "Connections to /sandbox/events.",
            [([], Double(feed.listenerCount))]
        )
        text.family(
            "trillet_sandbox_build_info",
            .gauge,
            "Always 1; its label is the version.",
            [([("version", SandboxCommand.configuration.version)], 1)]
        )
        if let bytes = MetricsPage.residentBytes {
            text.family(
                "process_resident_memory_bytes",
                .gauge,
                "Memory in use that is not swapped out.",
                [([], Double(bytes))]
            )
        }
    }

    private static var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

extension RequestMetrics.Key {
    fileprivate var labels: MetricsText.Labels {
        [("operation", operation), ("status", String(status))]
    }
}

/// How much of everything there is in the database.
private struct StoredFigures: Sendable {
    let calls: [(String, Int)]
    let batches: [(String, Int)]
    let jobs: [(String, Int)]
    let documents: [(String, Int)]

    init(at now: Int64, _ database: Database) throws {
        calls = try StoredFigures.calls(at: now, database)
        batches = try StoredFigures.byStatus(
            "SELECT status, count(*) AS rows FROM batch GROUP BY status",
            ["queued", "processing", "completed", "cancelled", "failed"],
            database
        )
        jobs = try StoredFigures.byStatus(
            "SELECT status, sum(jobs) AS rows FROM jobCount GROUP BY status",
            ["waiting", "active", "completed", "failed", "cancelled"],
            database
        )
        documents = try [("agent", "agent"), ("flow", "flow"), ("phone_number", "phoneNumber")].map
        {
            ($0.0, try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0.1)") ?? 0)
        }
    }

    /// The rows of ended calls are not read: an index knows which are not ended.
    private static func calls(at now: Int64, _ database: Database) throws -> [(String, Int)] {
        let going = CallState.allCases.filter { $0 != .ended }
        let counts = going.map { "count(*) FILTER (WHERE \($0.condition)) AS \($0.rawValue)" }
        let row = try Row.fetchOne(
            database,
            sql: """
                SELECT \(counts.joined(separator: ", ")), (SELECT count(*) FROM call) AS total
                FROM call WHERE sequence IN (SELECT sequence FROM call WHERE endsAt > :now)
                """,
            arguments: ["now": now]
        )
        var figures = going.map { ($0.rawValue, row?[$0.rawValue] as Int? ?? 0) }
        let total = row?["total"] as Int? ?? 0
        figures.append((CallState.ended.rawValue, total - figures.reduce(0) { $0 + $1.1 }))
        return figures
    }

    /// Every status is there, with 0 when nothing has it: a series that comes and goes cannot be
    /// drawn.
    private static func byStatus(_ sql: String, _ statuses: [String], _ database: Database) throws
        -> [(String, Int)]
    {
        var counts: [String: Int] = [:]
        for row in try Row.fetchAll(database, sql: sql) { counts[row["status"]] = row["rows"] }
        return statuses.map { ($0, counts[$0] ?? 0) }
    }
}
