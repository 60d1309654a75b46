import CTrillet

/// A number that threads read and write without a lock, at a stable address.
struct SharedNumber: ~Copyable {
    private let value: UnsafeMutablePointer<Int32>

    init(_ initial: Int32 = 0) {
        value = .allocate(capacity: 1)
        value.initialize(to: initial)
    }

    deinit {
        value.deallocate()
    }

    func load() -> Int32 {
        shim_flag_load(value)
    }

    func store(_ new: Int32) {
        shim_flag_store(value, new)
    }

    /// Puts a new number in its place and returns the one before.
    func exchange(_ new: Int32) -> Int32 {
        shim_flag_exchange(value, new)
    }

    /// Waits until the number has changed, a signal has come, or the time. Whether it was a signal.
    func wait(while known: Int32, until time: MonotonicTime) -> Bool {
        shim_word_wait(value, known, time.microseconds) < 0
    }

    func wakeAll() { shim_word_wake_all(value) }
}
