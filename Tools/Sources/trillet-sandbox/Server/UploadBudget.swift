import HTTPTypes
import Synchronization

/// The memory that forms may take together, so that many at once do not take all there is.
final class UploadBudget: Sendable {
    private let limit: Int
    private let used = Mutex(0)

    /// - Parameter limit: bytes.
    init(limit: Int) {
        self.limit = limit
    }

    fileprivate func take(_ bytes: Int) throws {
        let isEnough = used.withLock { used in
            guard used + bytes <= limit else { return false }
            used += bytes
            return true
        }
        guard !isEnough else { return }
        throw Failure(
            status: .serviceUnavailable,
            title: "Service unavailable",
            detail: "Other uploads take the \(limit / 1_048_576) MiB there are; try again soon",
            code: "unavailable",
            headers: [.retryAfter: "1"]
        )
    }

    fileprivate func giveBack(_ bytes: Int) {
        used.withLock { $0 -= bytes }
    }
}

/// One form's part of the budget, given back when the form is let go.
final class UploadShare: Sendable {
    private let budget: UploadBudget
    private let taken = Mutex(0)

    init(of budget: UploadBudget) {
        self.budget = budget
    }

    deinit {
        budget.giveBack(taken.withLock { $0 })
    }

    /// - Throws: ``Failure`` 503 when there is no room for further `bytes`.
    func take(_ bytes: Int) throws {
        try budget.take(bytes)
        taken.withLock { $0 += bytes }
    }
}
