import CTrillet

/// What a thread of the host drives for.
enum DrivingGoal {
    case answer
    /// The end of any request; a signal is enough as well, and answers that wait are.
    case progress
    case opening(ConnectionOpening)
    case end

    var isProgress: Bool {
        if case .progress = self { return true }
        return false
    }
}

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

    /// Drives on this thread until the goal is reached, until the deadline, or until the host ends the
    /// wait. While another thread drives, this one sleeps and takes over when that one leaves.
    func drive(
        for goal: DrivingGoal,
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) {
        let known = goal.isProgress ? seat.progress : nil
        while true {
            let isSeated = seat.take(until: deadline, &interrupt, beyond: known) {
                hasReached(goal)
            }
            guard isSeated else { return }
            let cancelState = shim_thread_forbid_cancel()
            loop.cancelState = shim_thread_cancel_in_waits(cancelState)
            var isSignalled = false
            let stop = brokenPipe.withheld {
                run(for: goal, until: deadline, interrupt, &isSignalled)
            }
            let makesCalls = isDrivenByHost && calls.takeUpon()
            seat.leave(forGood: stop == .over)
            shim_thread_restore_cancel(cancelState)
            if makesCalls { calls.makeTaken() }
            if !isDrivenByHost, calls.mustBeMade { seat.callOwnThread() }
            if client.isForked { return leaveToParent() }
            switch stop {
            case .enough: return
            case .over:
                // The client's own thread has the last word where there is one.
                if !isDrivenByHost, !hasReached(goal) {
                    _ = inbox.waitUntilStopped(deadline, &interrupt)
                }
                return
            case .host:
                interrupt.ask(atOnce: isSignalled)
                if interrupt.isInterrupted || hasReached(goal) { return }
                if goal.isProgress, isSignalled { return }
            }
        }
    }

    /// A function of the host's has forked, and has returned in the child as well: the connections
    /// and the answers are the parent's. A lock may be held for good by a thread that the child lacks.
    private func leaveToParent() {
        inbox.forget()
        completions.forget()
    }

    @_optimize(speed)
    private func run(
        for goal: DrivingGoal,
        until deadline: MonotonicTime,
        _ interrupt: RequestInterrupt,
        _ isSignalled: inout Bool
    ) -> Stop {
        if inbox.hasStopped { return .over }
        if isDrivenByHost { admission.beginDriving() }
        defer { if isDrivenByHost { admission.leaveDriving() } }
        loop.waker.didWake()
        let before = handedOver
        var hasLooked = false
        while let time = work() {
            let isDone = hasReached(goal) || (goal.isProgress && handedOver != before)
            // What is ready is taken once, also where there is no time to wait.
            if hasLooked || (isDone && !goal.isProgress) {
                let now = Dispatcher.now(deadline, interrupt)
                let isLate = now >= deadline
                if isDone || isLate || isSignalled || interrupt.isDue(now) || calls.mustBeMade {
                    outlook?.rest(loop, until: min(time, loop.nextTime))
                    return isDone || isLate ? .enough : .host
                }
            }
            let mustReturn = isDone || calls.mustBeMade
            let end =
                mustReturn
                ? .distantPast : min(time, interrupt.sliceEnd(deadline), calls.nextLook)
            isSignalled = !waitForEvents(until: end)
            hasLooked = true
        }
        if isDrivenByHost {
            end()
            outlook?.end(loop)
        }
        return .over
    }

    private func hasReached(_ goal: DrivingGoal) -> Bool {
        switch goal {
        case .answer, .progress: completions.count > 0
        case .opening(let opening): opening.isComplete
        case .end: inbox.hasStopped
        }
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
