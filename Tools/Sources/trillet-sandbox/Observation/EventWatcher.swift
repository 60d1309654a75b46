import GRDB
import Logging
import NIOConcurrencyHelpers

/// Finds out what the simulation has changed, by looking a few times a second while somebody
/// listens: calls and batches move on by the mere passing of time, so that nobody could tell.
final class EventWatcher: Sendable {
    let store: Store
    let clock: SimulatedClock
    let feed: EventFeed
    let logger: Logger

    private static let interval = Duration.milliseconds(200)
    private static let pingInterval = Duration.seconds(15)
    private static let latestCalls = 200
    private static let latestBatches = 25

    /// What listeners have been told of.
    private let known = NIOLockedValueBox<Sight?>(nil)

    init(store: Store, clock: SimulatedClock, feed: EventFeed, logger: Logger) {
        self.store = store
        self.clock = clock
        self.feed = feed
        self.logger = logger
    }

    /// Looks at how everything is when the first listener comes: it is told what changes from then
    /// on.
    func prepare() async throws {
        guard feed.listenerCount <= 1 else { return }
        let sight = try await look(since: nil)
        known.withLockedValue { $0 = sight }
    }

    /// Runs until its task is cancelled.
    func run() async {
        var pingedAt = ContinuousClock.now
        while (try? await Task.sleep(for: EventWatcher.interval)) != nil {
            if pingedAt.duration(to: .now) >= EventWatcher.pingInterval {
                feed.ping()
                pingedAt = .now
            }
            guard feed.listenerCount > 0 else { continue }
            do {
                let sight = try await look(since: known.withLockedValue { $0?.clock.now })
                let earlier = known.withLockedValue { known in
                    defer { known = sight }
                    return known
                }
                if let earlier { publish(sight, since: earlier) }
                feed.publishChanges()
            } catch is CancellationError {
                return
            } catch {
                logger.error("The changes of calls and batches could not be read: \(error)")
            }
        }
    }

    private struct Sight: Sendable {
        let at: ContinuousClock.Instant
        let clock: ClockDescription
        /// By the call's id.
        let calls: [String: JSONObject]
        /// By the batch's id.
        let batches: [String: JSONObject]
    }

    /// - Parameter earlier: when listeners were told last.
    private func look(since earlier: Int64?) async throws -> Sight {
        let at = ContinuousClock.now
        let clock = ClockDescription(self.clock)
        let since = min(earlier ?? clock.now, clock.now)
        return try await store.read { database in
            let batches = try BatchRecord.fetchAll(
                database.cachedStatement(sql: "SELECT * FROM batch ORDER BY sequence DESC LIMIT ?"),
                arguments: [EventWatcher.latestBatches]
            )
            return Sight(
                at: at,
                clock: clock,
                calls: EventWatcher.byIdentifier(
                    try EventWatcher.calls(since: since, at: clock.now, database)
                ),
                batches: EventWatcher.byIdentifier(try batches.map { try $0.event(database) })
            )
        }
    }

    /// The newest of the calls that run, or have ended since `earlier`: no other one changes.
    private static func calls(since earlier: Int64, at now: Int64, _ database: Database) throws
        -> [JSONObject]
    {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT id, workspaceId, ringingAt, talkingAt, endsAt FROM call
                    INDEXED BY callByEnd
                    WHERE workspaceId IN (SELECT id FROM workspace) AND endsAt >= ?
                    ORDER BY sequence DESC LIMIT ?
                    """
            ),
            arguments: [earlier, latestCalls]
        )
        var calls: [JSONObject] = []
        while let row = try rows.next() {
            let state = CallState(
                ringingAt: row[2],
                talkingAt: row[3],
                endsAt: row[4],
                at: now
            )
            calls.append([
                "id": .string(row[0]), "workspaceId": .string(row[1]),
                "state": .string(state.rawValue),
            ])
        }
        return calls
    }

    private static func byIdentifier(_ events: [JSONObject]) -> [String: JSONObject] {
        Dictionary(events.map { ($0["id"]?.stringValue ?? "", $0) }, uniquingKeysWith: { $1 })
    }

    private func publish(_ sight: Sight, since known: Sight) {
        let milliseconds = known.at.duration(to: sight.at) / .milliseconds(1)
        if !sight.clock.follows(known.clock, after: milliseconds) {
            feed.publish(.clock, sight.clock.json)
        }
        for (identifier, call) in sight.calls where known.calls[identifier] != call {
            feed.publish(.call, call)
        }
        for (identifier, batch) in sight.batches where known.batches[identifier] != batch {
            feed.publish(.batch, batch)
        }
    }
}

extension BatchRecord {
    fileprivate func event(_ database: Database) throws -> JSONObject {
        var event = try JobCounts(batch: self, database).json
        event["id"] = .string(id)
        event["workspaceId"] = .string(workspaceId)
        event["status"] = .string(status.rawValue)
        return event
    }
}
