import GRDB
import Logging

/// The one task that moves simulated time along in the database, in short transactions.
struct Scheduler: Sendable {
    let store: Store
    let clock: SimulatedClock
    let seed: SimulationSeed
    let concurrency: Int
    let webhooks: WebhookSettings
    let variables: BatchVariables
    let logger: Logger

    private static let eventsPerTransaction = 200

    /// Runs until its task is cancelled.
    func run() async {
        var savedAt = ContinuousClock.now
        while !Task.isCancelled {
            do {
                try await advance()
                if store.isPersistent, savedAt.duration(to: .now) >= .seconds(1) {
                    try await saveTime()
                    savedAt = .now
                }
            } catch is CancellationError {
                break
            } catch {
                let reason = (error as? Failure)?.detail ?? "\(error)"
                logger.error("The simulation could not go on; it tries again: \(reason)")
                try? await Task.sleep(for: .seconds(1))
            }
            let isFast = clock.reading.speed > 1
            try? await Task.sleep(for: isFast ? .milliseconds(20) : .milliseconds(200))
        }
    }

    /// Brings every workspace up to the present, as it is when this begins.
    func advance() async throws {
        let reading = clock.reading
        let now = reading.now
        for workspace in try await dueWorkspaces(now) {
            try await advance(workspace, to: reading)
        }
    }

    private func advance(_ workspace: String, to reading: SimulatedClock.Reading) async throws {
        var rest = Dialler.Rest.none
        repeat {
            // docs/decisions.md, pre-call-outside
            let answers = try await variables.answers(
                to: rest.questions,
                generation: reading.generation
            )
            rest = try await store.write { database in
                // A reset may have come in between; its time is another one.
                guard clock.isCurrent(reading) else { return .none }
                let dialler = Dialler(
                    workspace: workspace,
                    seed: seed.value,
                    concurrency: concurrency,
                    webhooks: webhooks,
                    answers: answers
                )
                let rest = try dialler.advance(
                    to: reading.now,
                    limit: Scheduler.eventsPerTransaction,
                    database
                )
                try Setting.saveTime(reading.now, database)
                return rest
            }
            await Task.yield()
        } while rest.hasMore || !rest.questions.isEmpty
    }

    func saveTime() async throws {
        try await store.write { try Setting.saveTime(clock.now, $0) }
    }

    private func dueWorkspaces(_ now: Int64) async throws -> [String] {
        let concurrency = self.concurrency
        return try await store.read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id FROM workspace WHERE EXISTS (
                        SELECT 1 FROM job
                        WHERE workspaceId = workspace.id AND status = 'active' AND eventAt <= :now
                    ) OR (
                        EXISTS (
                            SELECT 1 FROM job
                            WHERE workspaceId = workspace.id AND status = 'waiting'
                                AND eventAt <= :now
                        ) AND (
                            SELECT count(*) FROM job
                            WHERE workspaceId = workspace.id AND status = 'active'
                        ) < :concurrency
                    )
                    """
            )
            return try String.fetchAll(
                statement,
                arguments: ["now": now, "concurrency": concurrency]
            )
        }
    }
}
