import CTrillet

/// The process that something was made in.
struct HomeProcess: ~Copyable {
    /// nil where the system has no memory that it wipes in a forked child.
    private let mark: UnsafeMutablePointer<Int32>?
    private let id: Int32

    init() {
        mark = shim_fork_mark_new()
        id = shim_process_id()
    }

    deinit {
        shim_fork_mark_free(mark)
    }

    /// Whether this is a child that was forked from it. Every call asks, and asking for the process's
    /// number is a system call.
    var isForked: Bool {
        if let mark { return mark.pointee == 0 }
        return id != shim_process_id()
    }
}
