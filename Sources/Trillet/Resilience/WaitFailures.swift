/// Why a request that waits, or is about to, is not sent.
extension Failure {
    static func held(until time: MonotonicTime) -> Failure {
        let wait = time.millisecondsFromNow
        var failure = Failure(
            .rateLimited,
            """
            The service asked this client to wait for another \(wait) ms, which is longer than \
            this request may take (timeoutMs)
            """
        )
        failure.isRetryable = true
        failure.retryAfterMilliseconds = wait
        return failure
    }

    static var noTurn: Failure {
        var failure = Failure(
            .timeout,
            """
            The request did not have its turn in time (maxInFlight, requestsPerMinute, timeoutMs); \
            this attempt was not sent
            """
        )
        failure.isRetryable = true
        return failure
    }

    /// docs/decisions.md, start-fence.
    static var startsTooLate: Failure {
        Failure(
            .timeout,
            "The request would have started after notAfterMs; this attempt was not sent"
        )
    }

    static var closed: Failure {
        Failure(.closed, "The client is closed; make a new one with trillet_client_new")
    }

    static var drained: Failure {
        Failure(
            .cancelled,
            """
            The client is being drained (trillet_client_drain) and starts nothing more; this \
            attempt waited and was not sent
            """
        )
    }

    static var clientClosed: Failure {
        Failure(.cancelled, "The call was cancelled because the client was closed")
    }
}
