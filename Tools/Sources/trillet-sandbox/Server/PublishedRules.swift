import Synchronization

/// What `--strict-put` and `--quirks` say: how the published routes differ from their pages.
struct PublishedRules: Sendable {
    /// Whether an update without a field that its page requires is refused with 400.
    var isStrict = false
    /// Which of the service's oddities are on, all or none.
    var quirks: Quirks?
}

/// What the service has been seen to do that no page says. Safe to use from any thread.
final class Quirks: Sendable {
    /// How long an update may not have reached those who read, in real time.
    private static let staleness = Duration.seconds(2)
    private static let mostUpdates = 10_000

    private let updates = Mutex<[String: ContinuousClock.Instant]>([:])

    /// Notes that a document has just been replaced.
    func updated(_ id: String) {
        updates.withLock { updates in
            if updates.count >= Quirks.mostUpdates { updates = [:] }
            updates[id] = .now
        }
    }

    /// Whether a reader finds nothing yet: the first one soon after an update.
    func isStale(_ id: String) -> Bool {
        updates.withLock { updates in
            guard let updated = updates.removeValue(forKey: id) else { return false }
            return updated.duration(to: .now) < Quirks.staleness
        }
    }

    /// The answer of the service where other ones answer 404.
    static func notFound(_ title: String) -> Failure {
        Failure(
            status: .internalServerError,
            title: "\(title) not found or does not belong to you",
            detail: "--quirks: the service answers 500 here",
            code: "UNKNOWN_ERROR"
        )
    }
}

/// What an update by PUT may not say, and what it should.
struct PublishedUpdate: Sendable {
    private static let readOnly = [
        "_id", "workspaceId", "createdAt", "updatedAt", "activeSessions", "__v",
    ]

    /// - Throws: ``Failure`` 500, as the service was seen to answer, for a field that only the
    ///   service sets.
    static func refuseReadOnly(_ body: JSONObject, _ title: String) throws {
        guard let field = readOnly.first(where: { body[$0] != nil }) else { return }
        throw Failure(
            status: .internalServerError,
            title: "Failed to update \(title.lowercased()): \(field) is read-only",
            detail: "Leave \(field) out of the body of a PUT: only the service sets it",
            code: "UNKNOWN_ERROR"
        )
    }

    /// Refuses an update without `field`, or warns of it in the journal and in the log.
    static func require(
        _ field: String,
        _ body: JSONObject,
        _ rules: PublishedRules,
        _ exchange: Exchange
    ) throws {
        guard body[field] == nil else { return }
        if rules.isStrict { throw Failure.invalid("\(field) is required") }
        exchange.warn("\(field) is missing: its page requires it, --strict-put refuses this")
    }
}
