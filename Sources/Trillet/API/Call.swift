/// One blocking call: it waits and sends on the caller's thread.
struct Call {
    let client: Client
    let target: CallTarget
    let started: MonotonicTime

    func run(request: Bytes, options: Bytes) -> FinishedCall {
        do throws(Failure) {
            if client.isForked { throw Call.forked }
            try client.admission.beginCall()
        } catch {
            return refuse(error)
        }
        defer { client.admission.endCall() }
        do throws(Failure) {
            var call = try PreparedCall(
                target,
                of: client,
                request: request,
                options: options,
                started: started
            )
            return runAttempts(&call)
        } catch {
            return refuse(error)
        }
    }

    /// A call that never became one is counted all the same.
    private func refuse(_ failure: Failure) -> FinishedCall {
        UnpreparedCall(target: target, started: started).fail(failure, of: client)
    }

    private func runAttempts(_ call: inout PreparedCall) -> FinishedCall {
        var turn: Turn?
        var interrupt = client.interruption.watch(isCounted: true)
        while true {
            do throws(Failure) {
                try waitForTurn(&call, &turn, &interrupt)
            } catch {
                return call.fail(error, of: client)
            }
            let verdict = attempt(&call, &interrupt)
            client.admission.leave()
            switch verdict {
            case .finished(let finished):
                return finished
            case .again(let milliseconds):
                let end = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
                do throws(Failure) {
                    try client.admission.pause(until: end, &interrupt)
                } catch {
                    return call.fail(error, of: client)
                }
            }
        }
    }

    private func waitForTurn(
        _ call: inout PreparedCall,
        _ turn: inout Turn?,
        _ interrupt: inout CallInterrupt
    ) throws(Failure) {
        let now = call.attempts == 0 ? started : MonotonicTime.now
        var hasWaited = false
        defer {
            if hasWaited {
                let waited = MonotonicTime.now.microseconds - now.microseconds
                call.noteTurn(waitedMicroseconds: waited)
            }
        }
        try client.admission.enter(
            &turn,
            operation: target.index,
            now: now,
            deadline: call.deadline,
            // docs/decisions.md, callbacks-pass-the-line.
            ignoresInFlight: client.dispatch.isCurrentThread || interrupt.isNested,
            hasWaited: &hasWaited,
            interrupt: &interrupt
        )
    }

    private func attempt(
        _ call: inout PreparedCall,
        _ interrupt: inout CallInterrupt
    ) -> PreparedCall.Verdict {
        do throws(Failure) {
            let blocking = try client.pool.checkOut(until: call.deadline, &interrupt)
            defer { client.pool.checkIn(blocking) }
            call.noteAttempt(of: client)
            do throws(Failure) {
                let status = try blocking.perform(
                    call.request,
                    timeoutMilliseconds: call.remainingMilliseconds(),
                    &interrupt
                )
                return call.judge(status: status, from: blocking.transfer, of: client)
            } catch {
                return call.judge(error, from: blocking.transfer, of: client)
            }
        } catch {
            return .finished(call.fail(error, of: client))
        }
    }

    static var withoutClient: Failure {
        Failure.invalidArgument("The client is NULL", field: "client")
    }

    static var forked: Failure {
        Failure(
            .forked,
            """
            The client was made before this process was forked and belongs to the parent; make a \
            new one here with trillet_client_new
            """
        )
    }
}

/// A call that was refused before its request was made.
struct UnpreparedCall {
    let target: CallTarget
    let started: MonotonicTime

    func fail(_ failure: Failure, of client: Client) -> FinishedCall {
        note(failure, of: client)
        return FinishedCall.refused(
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
        let record = CallRecord(
            operationIndex: target.index,
            failure: failure.kind,
            latencyMicroseconds: MonotonicTime.now.microseconds - started.microseconds
        )
        client.observer.callEnded(record, target.name, attempts: 0, status: 0, failure)
    }
}
