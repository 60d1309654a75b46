import CTrillet

/// The event loop on a thread of the host that waits for what it brings.
extension Dispatcher {
    private enum Stop {
        case enough
        /// Nothing is left to do and nothing more will come.
        case over
        /// The host's functions are to be called, or it is to be asked whether it ends the wait: not
        /// while this thread drives.
        case host
    }

    /// Drives on this thread until it is enough, until the deadline, or until the host ends the wait.
    /// While another thread drives, this one sleeps and takes over when that one leaves. With
    /// `onlyUntilProgress` the end of a request is enough, and so is a signal.
    func drive(
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt,
        onlyUntilProgress: Bool = false,
        isEnough: () -> Bool
    ) {
        while true {
            guard seat.take(until: deadline, &interrupt, unless: isEnough) else { return }
            let cancelState = shim_thread_forbid_cancel()
            var isSignalled = false
            let stop = brokenPipe.withheld {
                run(
                    until: deadline,
                    interrupt,
                    &isSignalled,
                    onlyUntilProgress: onlyUntilProgress,
                    isEnough
                )
            }
            seat.leave(forGood: stop == .over)
            shim_thread_restore_cancel(cancelState)
            makeCalls()
            if client.isForked { return leaveToParent() }
            switch stop {
            case .enough: return
            case .over:
                // The client's own thread has the last word where there is one.
                if !isDrivenByHost, !isEnough() { _ = inbox.waitUntilStopped(deadline, &interrupt) }
                return
            case .host:
                interrupt.ask(atOnce: isSignalled)
                if interrupt.isInterrupted || isEnough() { return }
                if onlyUntilProgress, isSignalled { return }
            }
        }
    }

    /// A function of the host's has forked, and has returned in the child as well: the connections
    /// and the answers are the parent's. A lock may be held for good by a thread that the child lacks.
    private func leaveToParent() {
        inbox.forget()
        completions.forget()
    }

    private func makeCalls() {
        if isDrivenByHost {
            calls.make()
        } else if calls.mustBeMade {
            seat.callOwnThread()
        }
    }

    @_optimize(speed)
    private func run(
        until deadline: MonotonicTime,
        _ interrupt: RequestInterrupt,
        _ isSignalled: inout Bool,
        onlyUntilProgress: Bool,
        _ isEnough: () -> Bool
    ) -> Stop {
        if inbox.hasStopped { return .over }
        if isDrivenByHost { admission.beginDriving() }
        defer { if isDrivenByHost { admission.leaveDriving() } }
        loop.waker.didWake()
        let before = handedOver
        var known = before
        var hasLooked = false
        while let time = work() {
            if handedOver != known { seat.noteProgress() }
            known = handedOver
            let isDone = isEnough() || (onlyUntilProgress && known != before)
            // What is ready is taken once, also where there is no time to wait.
            if hasLooked || (isDone && !onlyUntilProgress) {
                let now = Dispatcher.now(deadline, interrupt)
                let isLate = now >= deadline
                if isDone || isLate || isSignalled || interrupt.isDue(now) || calls.mustBeMade {
                    outlook?.rest(loop, until: min(time, loop.timerTime))
                    return isDone || isLate ? .enough : .host
                }
            }
            let mustReturn = isDone || calls.mustBeMade
            var end = mustReturn ? .distantPast : min(time, interrupt.sliceEnd(deadline))
            if isDrivenByHost { end = min(end, calls.nextLook) }
            isSignalled = !waitForEvents(until: end)
            hasLooked = true
        }
        if isDrivenByHost { end() }
        return .over
    }

    /// Not read where nothing depends on it.
    private static func now(
        _ deadline: MonotonicTime,
        _ interrupt: RequestInterrupt
    ) -> MonotonicTime {
        deadline == .distantFuture && !interrupt.isWatched ? .distantPast : .now
    }

    /// What an event loop of the host's watches to know when to drive; -1 when no descriptor is free.
    var descriptor: Int32 { outlook?.open(loop, completions) ?? -1 }
}
