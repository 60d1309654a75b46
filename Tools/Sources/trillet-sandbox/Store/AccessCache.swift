import Synchronization

/// Which workspaces a key opens, remembered for a moment: another program may add and remove keys
/// in the same database, and what it does holds after a second at the latest.
final class AccessCache: Sendable {
    private struct Entry {
        let workspaces: Set<String>
        let readAt: ContinuousClock.Instant
    }

    private static let lifetime = Duration.seconds(1)

    private let store: Store
    private let entries = Mutex<[String: Entry]>([:])

    init(_ store: Store) {
        self.store = store
    }

    /// The workspaces that the key opens; `nil` for an unknown key. Only known keys are remembered,
    /// so that guesses take no memory and a new key opens at once.
    func workspaces(ofKey apiKey: String) async throws -> Set<String>? {
        let now = ContinuousClock.now
        let entry = entries.withLock { $0[apiKey] }
        if let entry, entry.readAt.duration(to: now) < AccessCache.lifetime {
            return entry.workspaces
        }
        let workspaces = try await store.read { try Accounts.workspaces(ofKey: apiKey, $0) }
        entries.withLock {
            $0[apiKey] = workspaces.isEmpty ? nil : Entry(workspaces: workspaces, readAt: now)
        }
        return workspaces.isEmpty ? nil : workspaces
    }
}
