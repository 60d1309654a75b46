import CTrillet

/// The event loop on the threads of the host, with engine "caller".
extension Dispatcher {
    /// Runs the loop on this thread until it is enough, until the deadline, or until the host ends the
    /// wait. While another thread runs it, this one sleeps and takes over when that one leaves.
    /// With `onlyUntilProgress` the end of a request is enough, and so is a signal.
    func drive(
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt,
        onlyUntilProgress: Bool = false,
        isEnough: () -> Bool
    ) {
        guard let seat, seat.take(until: deadline, &interrupt, unless: isEnough) else { return }
        defer { seat.leave() }
        if inbox.hasStopped { return }
        client.admission.beginDriving()
        defer { client.admission.leaveDriving() }
        loop.waker.didWake()
        let before = handedOver
        var known = before
        var hasLooked = !onlyUntilProgress
        // What has come by the end of the last wait still counts.
        var hasWaited = false
        while let time = work() {
            if handedOver != known { seat.noteProgress() }
            known = handedOver
            let isDone = isEnough() || (onlyUntilProgress && known != before)
            if hasWaited || (isDone && hasLooked) {
                outlook?.rest(loop, until: min(time, loop.timerTime))
                return
            }
            let end = isDone ? .distantPast : min(time, interrupt.sliceEnd(deadline))
            let isUndisturbed = waitForEvents(until: end)
            hasLooked = true
            interrupt.ask(atOnce: !isUndisturbed)
            hasWaited =
                MonotonicTime.now >= deadline || interrupt.isInterrupted
                || (onlyUntilProgress && !isUndisturbed)
        }
        end()
    }

    /// What an event loop of the host's watches to know when to drive; -1 when no descriptor is free.
    var descriptor: Int32 { outlook?.open(loop, completions) ?? -1 }
}
