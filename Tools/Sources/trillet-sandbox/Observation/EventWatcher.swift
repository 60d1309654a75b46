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
        let sight = try await look()
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
                let sight = try await look()
                let earlier = known.withLockedValue { known in
                    defer { known = sight }
                    return known
                }
                if let earlier { publish(sight, since: earlier) }
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

    private func look() async throws -> Sight {
        let at = ContinuousClock.now
        let clock = ClockDescription(self.clock)
        return try await store.read { database in
            let calls = try CallRecord.fetchAll(
                database.cachedStatement(sql: "SELECT * FROM call ORDER BY sequence DESC LIMIT ?"),
                arguments: [EventWatcher.latestCalls]
            )
            let batches = try BatchRecord.fetchAll(
                database.cachedStatement(sql: "SELECT * FROM batch ORDER BY sequence DESC LIMIT ?"),
                arguments: [EventWatcher.latestBatches]
            )
            return Sight(
                at: at,
                clock: clock,
                calls: EventWatcher.byIdentifier(calls.map { $0.event(at: clock.now) }),
                batches: EventWatcher.byIdentifier(try batches.map { try $0.event(database) })
            )
        }
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

extension CallRecord {
    fileprivate func event(at time: Int64) -> JSONObject {
        [
            "id": .string(id), "workspaceId": .string(workspaceId),
            "state": .string(state(at: time).rawValue),
        ]
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
