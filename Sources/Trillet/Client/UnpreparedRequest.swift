/// A request that was refused before its request was made.
struct UnpreparedRequest {
    let target: RequestTarget
    let started: MonotonicTime
    /// For a request of the library's own, in place of an envelope.
    let outcome: RequestOutcome?

    func fail(_ failure: Failure, of client: Client) -> FinishedRequest {
        note(failure, of: client)
        if let outcome {
            let meta = RequestMeta(operation: target.name, started: started)
            outcome.fail(failure, body: .none, meta, requestID: .empty)
            return .withoutText
        }
        return FinishedRequest.refused(
            failure,
            operation: target.name,
            started: started,
            mask: client.mask
        )
    }

    /// Tells statistics and log of it.
    func note(_ failure: Failure, of client: Client) {
        // In a forked child another thread may have held the locks when the process was copied.
        if failure.kind == .forked { return }
        let record = RequestRecord(
            operationIndex: target.index,
            failure: failure.kind,
            latencyMicroseconds: MonotonicTime.now.microseconds - started.microseconds
        )
        client.observer.callEnded(record, target.name, attempts: 0, status: 0, failure)
    }
}
