import CTrillet

/// A point on the clock that goes on while the machine sleeps, in milliseconds since it was started.
struct BootTime {
    let milliseconds: Int

    static var never: BootTime { BootTime(milliseconds: .max) }

    var isNever: Bool { milliseconds == .max }

    var isPast: Bool { !isNever && millisecondsFromNow <= 0 }

    /// Where it is on the clock that stands still while the machine sleeps, unless it does.
    @inline(never)
    var monotonic: MonotonicTime { .now.advanced(byMilliseconds: max(0, millisecondsFromNow)) }

    @inline(never)
    private var millisecondsFromNow: Int {
        milliseconds - Int(clamping: shim_boot_time_milliseconds())
    }
}
