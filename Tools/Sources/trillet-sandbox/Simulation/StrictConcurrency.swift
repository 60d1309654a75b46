import GRDB

/// Refuses a single call while as many calls run as the account may have at once.
struct StrictConcurrency: Sendable {
    let limit: Int
    let clock: SimulatedClock

    /// - Throws: ``Failure`` 429, with the real time of the next free place unless time is paused.
    func check(workspace: String, _ database: Database) throws {
        let reading = clock.reading
        let running = RunningCalls(workspace: workspace)
        let ends = try running.ends(after: reading.now, limit: limit, database)
        guard ends.count >= limit, let next = ends.first else { return }
        var failure = Failure(
            status: .tooManyRequests,
            title: "Too Many Requests",
            detail: "Too many calls at once: \(limit) of \(limit) are running.",
            code: "concurrency_limit_exceeded",
            shape: .nested
        )
        if !reading.isPaused {
            let wait = Double(next - reading.now) / reading.speed
            let seconds = Int64(min((wait / 1_000).rounded(.up), 86_400))
            failure.headers[.retryAfter] = String(max(seconds, 1))
            failure.resetAt = Timestamp.wholeSecondText(
                roundingUp: SimulatedClock.realTime + max(seconds, 1) * 1_000
            )
        }
        throw failure
    }
}
