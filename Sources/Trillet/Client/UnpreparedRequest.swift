/// A request that was refused before its request was made.
struct UnpreparedRequest {
    let target: RequestTarget
    let started: MonotonicTime

    func fail(_ failure: Failure, of client: Client) -> FinishedRequest {
        note(failure, of: client)
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
