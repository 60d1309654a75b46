import CTrillet

/// A mutex with a condition, at a stable address.
final class Lock {
    private let lock: OpaquePointer

    /// nil when there is no memory for one.
    init?() {
        guard let lock = shim_lock_new() else { return nil }
        self.lock = lock
    }

    deinit {
        shim_lock_free(lock)
    }

    func acquire() {
        shim_lock_acquire(lock)
    }

    func release() {
        shim_lock_release(lock)
    }

    /// Waits, the lock being held, for a broadcast; false when the time came first.
    func wait(until deadline: MonotonicTime) -> Bool {
        shim_lock_wait_until(lock, deadline.microseconds) != 0
    }

    func wait(on condition: OpaquePointer, until deadline: MonotonicTime) -> Bool {
        shim_condition_wait_until(condition, lock, deadline.microseconds) != 0
    }

    func broadcast() {
        shim_lock_broadcast(lock)
    }
}
