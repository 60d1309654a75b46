import CTrillet

/// A point on the clock that only ever moves forward.
struct MonotonicTime: Comparable {
    let microseconds: Int64

    static var now: MonotonicTime {
        MonotonicTime(microseconds: shim_monotonic_microseconds())
    }

    /// Far enough to be for ever, near enough not to overflow a `timespec`.
    static var distantFuture: MonotonicTime {
        MonotonicTime(microseconds: Int64.max / 4)
    }

    static var distantPast: MonotonicTime { MonotonicTime(microseconds: 0) }

    static func < (one: MonotonicTime, other: MonotonicTime) -> Bool {
        one.microseconds < other.microseconds
    }

    func advanced(byMilliseconds milliseconds: Int) -> MonotonicTime {
        let (product, overflow) = Int64(milliseconds).multipliedReportingOverflow(by: 1000)
        let (sum, sumOverflow) = microseconds.addingReportingOverflow(product)
        return overflow || sumOverflow ? .distantFuture : MonotonicTime(microseconds: sum)
    }

    /// Milliseconds from this point until another, rounded up, 0 when that has passed; for ever is some
    /// weeks.
    func milliseconds(until time: MonotonicTime) -> Int32 {
        let remaining = time.microseconds - microseconds
        return remaining <= 0 ? 0 : Int32(clamping: (remaining + 999) / 1000)
    }

    /// Milliseconds from now until this point, rounded up, 0 when it has passed.
    var millisecondsFromNow: Int {
        let remaining = microseconds - MonotonicTime.now.microseconds
        return remaining <= 0 ? 0 : Int((remaining + 999) / 1000)
    }
}
