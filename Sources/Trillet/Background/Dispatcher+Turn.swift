import CTrillet

/// The event loop: whoever drives it alternates between the two.
extension Dispatcher {
    /// Does what can be done without waiting; returns until when to wait, or nil when nothing is left
    /// to do and nothing more will come.
    @_optimize(speed)
    func work() -> MonotonicTime? {
        if shim_is_unloading() != 0 { cancelForUnloading() }
        takeArrivals()
        if openings.mustStart { startOpenings() }
        resumePaused()
        expireRunning()
        let turn = startQueued()
        loop.runTimer()
        if takeFinished(), queues.count > 0 { loop.waker.wake() }
        let before = handedOver
        if !handover.publish(inbox, completions, calls) {
            shim_thread_yield()
            loop.waker.wake()
        }
        if handedOver != before { seat.noteProgress() }
        // The host was so long in its callback that the process has gone on exiting.
        if shim_tls_is_gone() != 0 || inbox.endTurn(running: running.count) { return nil }
        return wakeTime(turn)
    }

    /// Waits for the time, or for what comes before it; false when a signal ended the wait.
    @discardableResult
    func waitForEvents(until time: MonotonicTime) -> Bool {
        defer { _ = takeFinished() }
        return loop.wait(until: time)
    }

    /// How many requests have ended and been handed over.
    var handedOver: UInt64 { handover.count }

    /// Nothing is left to do, and nobody drives it any more.
    func end() {
        if shim_tls_is_gone() != 0 { return inbox.stop() }
        if !isDrivenByHost { client.observer.log.end() }
        startOpenings()
        openings.abandon(loop)
        stock.removeAll()
        loop.close()
        inbox.stop()
    }

    private func cancelForUnloading() {
        inbox.close()
        inbox.cancelAll()
    }

    @_optimize(speed)
    private func takeArrivals() {
        let (doomed, unsent) = handover.withSpareJobs { inbox.take(&arrivals, returning: &$0) }
        if !arrivals.isEmpty { admission.giveTurns(to: arrivals) }
        for job in arrivals {
            if job.state == .refused {
                fail(job, RefusedRequest.failure)
            } else {
                place(job)
            }
        }
        JobHandover.empty(&arrivals)
        for job in doomed { cancel(job, Dispatcher.cancelledUnsent) }
        for job in unsent {
            if job.pauseEnd != nil {
                cancel(job, Failure.clientClosed)
            } else if admission.isDrained, job.transfer?.hasBegun != true {
                cancel(job, Failure.drained)
            }
        }
    }

    /// Puts a job where it belongs.
    private func place(_ job: Job) {
        switch job.state {
        case .ended:
            handover.append(job)
        case .pausing:
            pauses.insert(job.id, at: job.pauseEnd ?? .distantPast)
        default:
            queues.append(job)
            newcomers.append(job)
        }
    }

    /// The request of a job has ended.
    private func conclude(_ job: Job) {
        if job.series == nil { handover.append(job) } else { goOn(job, after: job.outcome) }
    }

    /// Goes on with the series that a job makes an answer of.
    @inline(never)
    private func goOn(_ job: Job, after outcome: RequestOutcome?) {
        job.goOn(after: outcome, of: client)
        if job.isWaiting { admission.giveTurns(to: [job]) }
        place(job)
    }

    private func resumePaused() {
        guard !(pauses.count == 0 && deadlines.count == 0) else { return }
        let now = MonotonicTime.now
        while let id = pauses.popFirst(before: now) {
            guard let job = inbox.find(id), job.state == .pausing else { continue }
            if job.pauseEnd != nil {
                goOn(job, after: nil)
                continue
            }
            job.resume()
            queues.prepend(job)
            newcomers.append(job)
        }
        expire(before: now, Failure.noTurn)
    }

    private func expire(before time: MonotonicTime, _ failure: @autoclosure () -> Failure) {
        while let id = deadlines.popFirst(before: time) {
            // A series may have had another request at that time.
            guard let job = inbox.find(id), job.isWaiting,
                job.startDeadline.map({ $0 < time }) != false
            else { continue }
            queues.noteEnd()
            job.stopWaiting()
            fail(job, job.endOfWait(failure()))
        }
    }

    /// Ends the requests whose time is over. What came while nobody drove, because the host was busy or
    /// the process stopped, is read before that: it may be their answers. docs/decisions.md, own-deadlines.
    private func expireRunning() {
        let now = loop.lastLook
        guard let earliest = expiries.earliest(running, inbox), earliest < now else {
            catchesUpSince = nil
            return
        }
        if loop.readyCount > 0, now > earliest.advanced(byMilliseconds: Dispatcher.lateness) {
            let since = catchesUpSince ?? now
            catchesUpSince = since
            if now < since.advanced(byMilliseconds: Dispatcher.longestCatchUp) { return }
        }
        while let job = expiries.popFirst(before: now, running, inbox) {
            guard let transfer = job.transfer, job.deadline.map({ $0 < now }) != false else {
                continue
            }
            takeOut(job, transfer)
            judge(job, transfer, CURLE_OPERATION_TIMEDOUT)
            recycle(transfer)
        }
    }

    private static let lateness = 50
    private static let longestCatchUp = 100

    /// Starts what may start; returns when to try again.
    @_optimize(speed)
    private func startQueued() -> MonotonicTime {
        var next = MonotonicTime.distantFuture
        if queues.count == 0, !isInLine, newcomers.isEmpty { return next }
        // Nobody may have looked for long.
        let now = MonotonicTime.now
        search: while queues.count > 0 {
            switch admission.takeLoopTurn(of: &queues, loop.waker) {
            case .granted(let queue):
                isInLine = false
                if let job = queues.popFirst(of: queue) { start(job, now) }
            case .none:
                break search
            case .at(let time):
                next = time
                isInLine = true
                break search
            case .later:
                isInLine = true
                break search
            }
        }
        if queues.count == 0, isInLine {
            admission.leaveLine()
            isInLine = false
        }
        for job in newcomers where job.isWaiting { wait(job) }
        newcomers.removeAll(keepingCapacity: true)
        if next != .distantFuture, let first = deadlines.earliest, first < next {
            let held = admission.heldUntil
            expire(before: held, Failure.held(until: held))
        }
        return next
    }

    private func wait(_ job: Job) {
        guard let deadline = job.startDeadline else { return }
        job.startWaiting()
        deadlines.insert(job.id, at: deadline)
        guard deadlines.count > 2 * queues.count + 1024 else { return }
        // Most jobs have their turn long before their deadline.
        deadlines.removeAll { id in
            guard let job = inbox.find(id) else { return true }
            return !job.isWaiting
        }
    }

    @_optimize(speed)
    private func start(_ job: Job, _ now: MonotonicTime) {
        job.stopWaiting()
        if let deadline = job.startDeadline, deadline <= now {
            admission.leaveLoop()
            return fail(job, job.endOfWait(Failure.noTurn))
        }
        guard let transfer = makeTransfer() else {
            admission.leaveLoop()
            return fail(job, Failure.outOfMemory)
        }
        do throws(Failure) {
            try job.begin(on: transfer, of: client)
            guard loop.open() else {
                if let denied = loop.deniedCall { throw denied }
                admission.leaveLoop()
                judge(job, transfer, transfer.refuseConnection("No file descriptor is free"))
                return recycle(transfer)
            }
            guard loop.add(transfer) else { throw Failure.outOfMemory }
            transfer.owner = running.insert(job)
            job.run(on: transfer)
            if let end = job.deadline {
                expiries.insert(job, slot: transfer.owner, at: end, running)
            }
        } catch {
            admission.leaveLoop()
            recycle(transfer)
            fail(job, error)
        }
    }

    /// Whether there was one, which may let another start.
    @_optimize(speed)
    private func takeFinished() -> Bool {
        var count = 0
        while let (transfer, result) = loop.nextFinished() {
            count += 1
            if transfer.owner == ConnectionOpening.owner {
                count -= 1
                takeOpened(transfer, result)
                continue
            }
            guard let job = running.remove(transfer.owner) else { continue }
            job.leaveTransfer()
            judge(job, transfer, result)
            recycle(transfer)
        }
        if count > 0 { admission.leaveLoop(count) }
        return count > 0
    }

    private func startOpenings() {
        openings.start(inbox, on: loop) { makeTransfer() }
    }

    private func makeTransfer() -> Transfer? {
        stock.take() ?? loop.makeTransfer(client.settings)
    }

    private func takeOpened(_ transfer: Transfer, _ result: CURLcode) {
        openings.take(transfer, result, on: loop, otherRequests: running.count) { makeTransfer() }
        recycle(transfer)
    }

    @_optimize(speed)
    private func judge(_ job: Job, _ transfer: Transfer, _ result: CURLcode) {
        let verdict = job.judge(result, from: transfer, of: client)
        client.hold(verdict?.holdsClient)
        switch verdict?.next {
        case .finished(let finished):
            job.end(finished)
            conclude(job)
        case .again(let milliseconds):
            job.pause()
            pauses.insert(job.id, at: MonotonicTime.now.advanced(byMilliseconds: milliseconds))
        case nil:
            fail(job, Failure.outOfMemory)
        }
    }

    private func cancel(_ job: Job, _ whileWaiting: Failure) {
        switch job.state {
        case .ended, .refused:
            return
        case .queued:
            queues.noteEnd()
            job.stopWaiting()
            fail(job, whileWaiting)
        case .pausing:
            fail(job, whileWaiting)
        case .running:
            guard let transfer = job.transfer else { return }
            takeOut(job, transfer)
            fail(job, transfer.finishCancelled())
            recycle(transfer)
        }
    }

    /// Ends a transfer that is still under way.
    private func takeOut(_ job: Job, _ transfer: Transfer) {
        loop.remove(transfer)
        admission.leaveLoop()
        _ = running.remove(transfer.owner)
        job.leaveTransfer()
    }

    @inline(never)
    private func fail(_ job: Job, _ failure: Failure) {
        if job.pauseEnd != nil { return goOn(job, after: RequestOutcome(failure)) }
        job.end(failure, of: client)
        conclude(job)
    }

    @_optimize(speed)
    private func recycle(_ transfer: Transfer) {
        stock.put(transfer, isAllIdle: running.isEmpty && queues.count == 0)
    }

    private func wakeTime(_ turn: MonotonicTime) -> MonotonicTime {
        var time = turn
        if let expiry = expiries.earliest(running, inbox) { time = min(time, expiry) }
        if let pause = pauses.earliest { time = min(time, pause) }
        // Those of requests that have had their turn say nothing.
        if queues.count == 0 { deadlines.removeAll() }
        if let deadline = deadlines.earliest { time = min(time, deadline) }
        return time
    }

    private static var cancelledUnsent: Failure {
        Failure(.cancelled, "The request was cancelled while it waited")
    }
}
