/// When the requests that are being sent have to have ended. Most have the same time as those before
/// them, so that they come in order; the others stand in a heap.
struct ExpiryQueue {
    private struct Entry {
        let time: MonotonicTime
        let id: UInt64
        let slot: Int
    }

    private var inOrder = Queue<Entry>()
    private var last = MonotonicTime.distantPast
    private var outOfOrder = TimeHeap()

    mutating func insert(
        _ job: Job,
        slot: Int,
        at time: MonotonicTime,
        _ running: borrowing RunningJobs
    ) {
        if inOrder.count > 2 * running.count + 1024 { forgetEnded(running) }
        if inOrder.isEmpty || time >= last {
            last = time
            inOrder.append(Entry(time: time, id: job.id, slot: slot))
        } else {
            outOfOrder.insert(job.id, at: time)
        }
    }

    /// One with much time would keep all that have ended behind it.
    private mutating func forgetEnded(_ running: borrowing RunningJobs) {
        var kept = Queue<Entry>()
        while let entry = inOrder.popFirst() {
            if running.has(entry.id, at: entry.slot) { kept.append(entry) }
        }
        inOrder = kept
    }

    /// The earliest time of a request that is being sent. Forgets those before it that are not.
    @_optimize(speed)
    mutating func earliest(_ running: borrowing RunningJobs, _ inbox: JobInbox) -> MonotonicTime? {
        while let entry = inOrder.first, !running.has(entry.id, at: entry.slot) {
            _ = inOrder.popFirst()
        }
        let first = inOrder.first?.time
        guard outOfOrder.count > 0 else { return first }
        while let id = outOfOrder.first, inbox.find(id)?.state != .running {
            outOfOrder.removeFirst()
        }
        guard let other = outOfOrder.earliest else { return first }
        return min(first ?? other, other)
    }

    /// Takes out a request whose time has passed, if it is still being sent.
    mutating func popFirst(
        before time: MonotonicTime,
        _ running: borrowing RunningJobs,
        _ inbox: JobInbox
    ) -> Job? {
        while let entry = inOrder.first, entry.time < time {
            _ = inOrder.popFirst()
            if running.has(entry.id, at: entry.slot) { return inbox.find(entry.id) }
        }
        while let id = outOfOrder.popFirst(before: time) {
            if let job = inbox.find(id), job.state == .running { return job }
        }
        return nil
    }
}
