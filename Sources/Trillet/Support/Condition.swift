import CTrillet

/// Where one thread waits for its turn, the lock being held.
final class Condition {
    private let condition: OpaquePointer

    /// nil when there is no memory for one.
    init?() {
        guard let condition = shim_condition_new() else { return nil }
        self.condition = condition
    }

    deinit {
        shim_condition_free(condition)
    }

    /// False when the time came first.
    func wait(holding lock: Lock, until deadline: MonotonicTime) -> Bool {
        lock.wait(on: condition, until: deadline)
    }

    func signal() {
        shim_condition_signal(condition)
    }
}
