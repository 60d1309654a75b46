import CTrillet

/// One descriptor that is readable when there is something to drive or to fetch: a socket is ready, a
/// timer has run out, a thread has submitted or cancelled, an answer waits.
final class DriverDescriptor {
    private let lock: Lock
    /// Negative until it is asked for: without it nothing of this costs anything.
    private let poller = SharedNumber(-1)
    private var timer: Int32 = -1
    /// Of the thread alone that drives.
    private var alarm = MonotonicTime.distantFuture

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
    }

    deinit {
        shim_descriptor_close(poller.load())
        shim_descriptor_close(timer)
    }

    func open(_ loop: EventLoop, _ completions: Completions) -> Int32 {
        lock.acquire()
        defer { lock.release() }
        if poller.load() >= 0 { return poller.load() }
        let answers = completions.readableDescriptor
        guard loop.descriptor >= 0, answers >= 0 else { return -1 }
        let opened = shim_poller_new()
        timer = shim_timer_new()
        let readable = Int32(SHIM_READABLE)
        guard opened >= 0, timer >= 0,
            shim_poller_watch(opened, loop.descriptor, readable, 0) != 0,
            shim_poller_watch(opened, answers, readable, 0) != 0,
            shim_poller_watch(opened, timer, readable, 0) != 0
        else {
            shim_descriptor_close(opened)
            shim_descriptor_close(timer)
            timer = -1
            return -1
        }
        poller.store(opened)
        // Whoever drives next sets the timer.
        shim_event_set(loop.waker.descriptor)
        return opened
    }

    /// Nobody drives any more, until at the latest the time.
    @_optimize(speed)
    func rest(_ loop: EventLoop, until time: MonotonicTime) {
        if poller.load() < 0 { return }
        let mustComeBack = !loop.waker.willSleep() || time == .distantPast
        if mustComeBack { shim_event_set(loop.waker.descriptor) }
        if time == alarm, time == .distantFuture || time > MonotonicTime.now { return }
        alarm = time
        shim_timer_set(timer, time == .distantFuture ? 0 : max(1, time.microseconds))
    }

    /// Nothing is left to drive: from now on only answers count.
    func end(_ loop: EventLoop) {
        lock.acquire()
        defer { lock.release() }
        if poller.load() < 0 { return }
        shim_poller_forget(poller.load(), loop.descriptor)
        shim_timer_set(timer, 0)
    }
}
