/// When a failed request is sent again, and after which pause.
struct RetryPolicy {
    let maxRetries: Int
    /// A longer pause asked for by the service is returned as an error.
    let maxRetryAfterMilliseconds: Int

    /// The pause before attempt n + 1 is random up to this, doubled n - 1 times.
    private static let firstBackoffMilliseconds = 500
    private static let longestBackoffMilliseconds = 8_000
    /// Added to a pause the service asked for: it names the same moment to all its clients.
    private static let longestSpreadMilliseconds = 100

    /// The pause before the next attempt, nil when there is to be none.
    func pauseMilliseconds(
        after failure: Failure,
        attempts: Int,
        remainingMilliseconds: Int,
        random: inout RandomNumbers
    ) -> Int? {
        guard failure.isRetryable, attempts <= maxRetries else { return nil }
        let pause: Int
        if let told = failure.retryAfterMilliseconds {
            guard told <= maxRetryAfterMilliseconds else { return nil }
            pause = told + random.number(upTo: RetryPolicy.longestSpreadMilliseconds)
        } else {
            pause = random.number(upTo: RetryPolicy.backoffMilliseconds(afterAttempt: attempts))
        }
        return pause < remainingMilliseconds ? pause : nil
    }

    /// For how long the service asked this client to send nothing at all; nil when it did not, or for
    /// longer than the caller would wait.
    func holdMilliseconds(after failure: Failure) -> Int? {
        guard failure.status == 429, let told = failure.retryAfterMilliseconds else { return nil }
        return told <= maxRetryAfterMilliseconds ? told : nil
    }

    /// The most that the pause after this attempt can be.
    private static func backoffMilliseconds(afterAttempt attempt: Int) -> Int {
        let doublings = min(attempt - 1, 16)
        return min(firstBackoffMilliseconds << doublings, longestBackoffMilliseconds)
    }
}
