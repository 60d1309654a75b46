import CTrillet

/// A thread of the library's own, with all signals blocked.
final class WorkerThread {
    private let thread: OpaquePointer
    private let lock: Lock
    private var isJoining = false
    private var isJoined = false

    /// nil when there is no memory or no thread for it.
    static func start(
        _ name: StaticString,
        _ function: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void,
        _ context: UnsafeMutableRawPointer
    ) -> WorkerThread? {
        guard let lock = Lock(),
            let thread = shim_thread_start(name.cText, function, context)
        else { return nil }
        return WorkerThread(thread, lock)
    }

    private init(_ thread: OpaquePointer, _ lock: Lock) {
        self.thread = thread
        self.lock = lock
    }

    /// It must have been joined.
    deinit {
        shim_thread_free(thread)
    }

    var isCurrent: Bool { shim_thread_is_current(thread) != 0 }

    /// False when it was still there at the deadline. Takes no lock until it is gone.
    func waitUntilGone(_ deadline: MonotonicTime) -> Bool {
        while shim_thread_is_alive(thread) != 0 {
            guard MonotonicTime.now < deadline else { return false }
            shim_thread_sleep(1)
        }
        return true
    }

    /// Returns when the thread has ended, however many wait for that.
    func join() {
        lock.acquire()
        let isFirst = !isJoining
        isJoining = true
        while !isFirst, !isJoined { _ = lock.wait(until: .distantFuture) }
        lock.release()
        guard isFirst else { return }
        shim_thread_join(thread)
        lock.acquire()
        isJoined = true
        lock.broadcast()
        lock.release()
    }
}
