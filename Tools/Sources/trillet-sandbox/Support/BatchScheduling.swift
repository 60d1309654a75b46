#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How the kernel shares a core among the server's threads.
enum BatchScheduling {
    /// `SCHED_BATCH` of Linux's sched.h, a macro that the C library hides behind `_GNU_SOURCE`.
    private static let schedBatch: Int32 = 3

    /// Lets a thread finish its slice when it wakes another one.
    ///
    /// A handler's thread wakes the event loop with every answer. By default the loop then takes the
    /// core at once, sends that one answer and goes to sleep again; with several at a time a core
    /// serves nearly twice the requests. Threads made later inherit it, and a kernel that refuses
    /// costs nothing but that. docs/decisions.md, batch-scheduling.
    static func adopt() {
        #if os(Linux)
            var parameters = sched_param()
            parameters.sched_priority = 0
            _ = sched_setscheduler(0, schedBatch, &parameters)
        #endif
    }
}
