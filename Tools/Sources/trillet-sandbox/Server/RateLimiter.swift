import Synchronization

/// Counts each key's requests in windows of one real minute that begin with its first request.
final class RateLimiter: Sendable {
    struct Refusal: Sendable {
        /// Unix milliseconds.
        let resetAt: Int64
        /// Whole seconds until then, at least 1.
        let seconds: Int64
    }

    private struct Window {
        var start: Int64
        var requests: Int
    }

    private static let length: Int64 = 60_000
    private let requestsPerMinute: Int
    private let windows = Mutex<[String: Window]>([:])

    /// - Parameter requestsPerMinute: 0 for no limit.
    init(requestsPerMinute: Int) {
        self.requestsPerMinute = requestsPerMinute
    }

    func forget() {
        windows.withLock { $0 = [:] }
    }

    /// Counts a request at `time`; returns a refusal when it is one too many.
    func refusal(key: String, at time: Int64) -> Refusal? {
        guard requestsPerMinute > 0 else { return nil }
        return windows.withLock { count(time, in: &$0[key]) }
    }

    private func count(_ time: Int64, in current: inout Window?) -> Refusal? {
        var window = current ?? Window(start: time, requests: 0)
        if time - window.start >= RateLimiter.length || time < window.start {
            window = Window(start: time, requests: 0)
        }
        guard window.requests < requestsPerMinute else {
            let resetAt = window.start + RateLimiter.length
            return Refusal(resetAt: resetAt, seconds: max(1, (resetAt - time + 999) / 1_000))
        }
        window.requests += 1
        current = window
        return nil
    }
}
