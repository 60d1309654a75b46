/// One blocking request: it waits and is sent on the caller's thread.
struct BlockingRequest {
    let client: Client
    let target: RequestTarget
    let started: MonotonicTime
    /// For a request of the library's own, in place of an envelope.
    private let outcome: RequestOutcome?
    private let progress: DownloadProgress?

    init(
        client: Client,
        target: RequestTarget,
        started: MonotonicTime,
        outcome: RequestOutcome? = nil,
        progress: DownloadProgress? = nil
    ) {
        self.client = client
        self.target = target
        self.started = started
        self.outcome = outcome
        self.progress = progress
    }

    /// Makes the request of a series.
    static func outcome(of series: Series, client: Client) -> RequestOutcome {
        let outcome = RequestOutcome()
        let blocking = BlockingRequest(
            client: client,
            target: series.target,
            started: .now,
            outcome: outcome
        )
        _ = blocking.run(request: series.text.bytes, options: series.options)
        return outcome
    }

    func run(request: Bytes, options: Bytes) -> FinishedRequest {
        do throws(Failure) {
            if client.isForked { throw Failure.forked }
            try client.callers.enter()
        } catch {
            return refuse(error)
        }
        defer { client.callers.leave() }
        do throws(Failure) {
            var call = try PreparedRequest(
                target,
                of: client,
                request: request,
                options: options,
                started: started,
                outcome: outcome
            )
            if let progress { try call.report(to: progress) }
            return runAttempts(&call)
        } catch {
            return refuse(error)
        }
    }

    /// A call that never became one is counted all the same.
    private func refuse(_ failure: Failure) -> FinishedRequest {
        UnpreparedRequest(target: target, started: started, outcome: outcome)
            .fail(failure, of: client)
    }

    private func runAttempts(_ call: inout PreparedRequest) -> FinishedRequest {
        var turn: Turn?
        var interrupt = client.interruption.watch(isCounted: true)
        while true {
            do throws(Failure) {
                try waitForTurn(&call, &turn, &interrupt)
            } catch {
                return call.fail(call.endOfWait(error), of: client)
            }
            let verdict = attempt(&call, &interrupt)
            client.hold(verdict.holdsClient)
            client.admission.leave()
            switch verdict.next {
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
        _ call: inout PreparedRequest,
        _ turn: inout Turn?,
        _ interrupt: inout RequestInterrupt
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
            deadline: call.startDeadline,
            // docs/decisions.md, callbacks-pass-the-line.
            ignoresInFlight: client.dispatch.isCurrentThread || interrupt.isNested,
            hasWaited: &hasWaited,
            interrupt: &interrupt
        )
    }

    private func attempt(
        _ call: inout PreparedRequest,
        _ interrupt: inout RequestInterrupt
    ) -> PreparedRequest.Verdict {
        do throws(Failure) {
            let blocking = try client.pool.checkOut(until: call.startDeadline, &interrupt)
            defer { client.pool.checkIn(blocking) }
            try call.noteAttempt(of: client)
            let status: Int
            do throws(Failure) {
                status = try blocking.perform(
                    call.request,
                    timeoutMilliseconds: call.remainingMilliseconds(),
                    &interrupt
                )
            } catch {
                return call.judge(from: blocking.transfer, of: client) { () throws(Failure) in
                    throw error
                }
            }
            return call.judge(from: blocking.transfer, of: client) { status }
        } catch {
            let finished = call.fail(call.endOfWait(error), of: client)
            return PreparedRequest.Verdict(next: .finished(finished))
        }
    }
}
