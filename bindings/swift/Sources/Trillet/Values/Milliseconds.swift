extension Duration {
    /// Whole milliseconds, rounded up: a wait is never shorter than was asked for.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (milliseconds, isTooLarge) = Int(seconds).multipliedReportingOverflow(by: 1000)
        if isTooLarge { return seconds < 0 ? .min : .max }
        let perMillisecond: Int64 = 1_000_000_000_000_000
        let rest = attoseconds / perMillisecond + (attoseconds % perMillisecond > 0 ? 1 : 0)
        let (sum, overflows) = milliseconds.addingReportingOverflow(Int(rest))
        return overflows ? .max : sum
    }
}

/// What C functions take: -1 for as long as it takes.
func cTimeout(_ duration: Duration?) -> Int32 {
    guard let duration else { return -1 }
    return Int32(clamping: max(0, duration.wholeMilliseconds))
}
