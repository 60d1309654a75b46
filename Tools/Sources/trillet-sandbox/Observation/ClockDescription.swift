/// What the clock shows.
struct ClockDescription: Sendable, Equatable {
    let now: Int64
    let speed: Double
    let isPaused: Bool

    init(_ clock: SimulatedClock) {
        let reading = clock.reading
        now = reading.now
        speed = reading.speed
        isPaused = reading.isPaused
    }

    var json: JSONObject {
        [
            "now": .number(now), "time": .string(Timestamp.text(now)), "speed": .number(speed),
            "paused": .bool(isPaused),
        ]
    }

    /// Whether the clock has run on from `earlier`, `milliseconds` of real time ago, without being
    /// steered.
    func follows(_ earlier: ClockDescription, after milliseconds: Double) -> Bool {
        guard speed == earlier.speed, isPaused == earlier.isPaused else { return false }
        let expected = isPaused ? 0 : milliseconds * speed
        let tolerance = isPaused ? 0 : 500 + 100 * speed
        return abs(Double(now - earlier.now) - expected) <= tolerance
    }
}
