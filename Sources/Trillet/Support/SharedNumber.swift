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
}
