/// When the next request may start: the limit on requests a minute, and the pause that the service
/// asked for.
struct Pace {
    /// The distance between two starts, 0 without a limit a minute.
    private let intervalMicroseconds: Int64
    private var nextStart: Int64 = 0
    private(set) var heldUntil: Int64 = 0

    init(requestsPerMinute: Int) {
        intervalMicroseconds =
            requestsPerMinute == 0
            ? 0 : (60_000_000 + Int64(requestsPerMinute) - 1) / Int64(requestsPerMinute)
    }

    var earliestStart: Int64 { max(nextStart, heldUntil) }

    /// The clock is read only where a start depends on the time.
    var now: Int64 {
        intervalMicroseconds == 0 && heldUntil == 0 ? 0 : MonotonicTime.now.microseconds
    }

    mutating func noteStart(_ now: Int64) {
        if intervalMicroseconds > 0 { nextStart = max(now, nextStart) + intervalMicroseconds }
    }

    /// Lets nobody start before the time.
    mutating func hold(until time: MonotonicTime) {
        heldUntil = max(heldUntil, time.microseconds)
    }
}
