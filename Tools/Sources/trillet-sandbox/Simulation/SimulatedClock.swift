import Foundation

/// The sandbox's time: it starts at the real time, or where an earlier run on the same database
/// stopped if that is later, and runs `speed` times as fast.
struct SimulatedClock: Sendable {
    let speed: Double
    private let origin: Int64
    private let start: ContinuousClock.Instant

    init(speed: Double, notBefore savedTime: Int64?) {
        self.speed = speed
        origin = max(SimulatedClock.realTime, savedTime ?? 0)
        start = ContinuousClock.now
    }

    /// Unix milliseconds.
    var now: Int64 {
        let elapsed = start.duration(to: .now).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        return origin + Int64(seconds * 1_000 * speed)
    }

    /// The real time in Unix milliseconds.
    static var realTime: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
