import CTrillet

extension Client {
    /// Hands a call to the client's own thread; 0 when it was not accepted. With an outcome, `done`
    /// reports its end and brings no answer.
    @_optimize(speed)
    func submit(
        operation: Bytes,
        request: Bytes,
        options: Bytes,
        done: trillet_done_fn?,
        userData: UnsafeMutableRawPointer?,
        outcome: RequestOutcome? = nil
    ) -> UInt64 {
        let started = MonotonicTime.now
        if isForked || callers.isClosed { return 0 }
        guard let dispatcher = dispatch.start(for: self) else { return 0 }
        let job = dispatcher.makeJob()
        job.prepare(
            client: self,
            operation: operation,
            request: request,
            options: options,
            started: started,
            done: done,
            userData: userData,
            outcome: outcome
        )
        return dispatcher.submit(job)
    }

    /// Sends nothing for as long as the service asked.
    func hold(_ milliseconds: Int?) {
        guard let milliseconds else { return }
        admission.hold(until: MonotonicTime.now.advanced(byMilliseconds: milliseconds))
        observer.held(milliseconds)
    }

    /// False when there is no thread that could deliver the log.
    func setLog(
        _ level: LogLevel,
        _ function: trillet_log_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) -> Bool {
        if isForked || callers.isClosed { return false }
        dispatch.started?.calls.recover()
        let isOff = level == .off || function == nil
        if !isOff, dispatch.start(for: self) == nil { return false }
        return observer.log.set(
            level: level,
            function: function,
            userData: userData,
            calledFrom: dispatch.isCurrentThread
        )
    }

    /// The JSON text of what the client has done.
    func statistics() -> UnsafeMutablePointer<CChar>? {
        var queue = QueueDepth()
        queue.inFlight = admission.depth
        queue.queued = dispatch.started?.waitingJobs ?? 0
        queue.completed = completions.count
        queue.rejected = dispatch.started?.refusedJobs ?? 0
        return observer.statistics.report(
            queue: queue,
            droppedLogLines: observer.log.droppedLines
        )
    }

    /// Refuses new work, lets running work end until the deadline, or until the host interrupts the
    /// wait, and cancels the rest; false when it had to cancel.
    func close(until deadline: MonotonicTime) -> Bool {
        callers.close()
        dispatch.refuseNewJobs()
        return finish(until: deadline)
    }

    /// Refuses new work and starts nothing more: what waits ends at once. What is being sent has
    /// until the deadline; false when some of it had to be cancelled.
    func drain(until deadline: MonotonicTime) -> Bool {
        beginDrain()
        return finish(until: deadline)
    }

    /// The same, for a host that drives what is being sent to its end.
    func beginDrain() {
        admission.drain()
        callers.close()
        pool.drain()
        dispatch.drain()
    }

    /// Whether it is closed and no call of this thread waits for the host's check.
    var hasEnded: Bool { completions.hasEnded && interruption.callsWaitingHere == 0 }

    private func finish(until deadline: MonotonicTime) -> Bool {
        // In the host's check, calls of this thread end only after it has returned.
        let ownCalls = interruption.callsWaitingHere
        if ownCalls > 0 { interruption.end(at: deadline) }
        var interrupt = interruption.watchEnding()
        var isInTime = callers.waitUntilGone(deadline, except: ownCalls, &interrupt)
        if !isInTime {
            admission.cancel()
            pool.cancel()
        }
        if !dispatch.finish(until: deadline, &interrupt) { isInTime = false }
        var unasked = RequestInterrupt.none
        _ = callers.waitUntilGone(.distantFuture, except: ownCalls, &unasked)
        completions.close()
        pool.closeConnections()
        return isInTime
    }
}
