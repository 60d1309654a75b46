import FoundationEssentials
import NIOConcurrencyHelpers

/// The sandbox's time. It starts at the real time, or where an earlier run on the same database
/// stopped if that is later, and runs `speed` times as fast until it is steered otherwise. It never
/// goes back but by a reset, and stands still at its ``latest`` moment. Safe to use from any thread.
final class SimulatedClock: Sendable {
    /// What an earlier run left behind.
    struct Saved: Sendable {
        let time: Int64
        let speed: Double?
        let isPaused: Bool
    }

    /// How the clock stands at one moment.
    struct Reading: Sendable {
        /// Unix milliseconds.
        let now: Int64
        let speed: Double
        let isPaused: Bool
        /// How often the clock has been reset: times of different generations have nothing to do
        /// with each other.
        let generation: Int
    }

    /// How the clock is steered; what is `nil` stays.
    struct Change: Sendable {
        enum Move: Sendable {
            case step(Int64)
            case jump(Int64)
        }

        var speed: Double?
        var isPaused: Bool?
        var move: Move?
    }

    /// Why the clock cannot be steered like that.
    enum Refusal: Error {
        case backwards(now: Int64)
        case tooLate
    }

    private struct State {
        var origin: Int64
        var start = ContinuousClock.now
        var speed: Double
        var isPaused: Bool
        var generation = 0

        func time(at instant: ContinuousClock.Instant) -> Int64 {
            guard !isPaused else { return origin }
            let elapsed = start.duration(to: instant).components
            let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
            let left = Double(max(0, SimulatedClock.latest - origin))
            return origin + Int64(min(seconds * 1_000 * speed, left))
        }

        func reading(at instant: ContinuousClock.Instant) -> Reading {
            Reading(
                now: time(at: instant),
                speed: speed,
                isPaused: isPaused,
                generation: generation
            )
        }
    }

    /// The last millisecond of the year 9999, after which a time has no ISO 8601 text of 24 letters.
    static let latest: Int64 = 253_402_300_799_999

    static let allowedSpeeds = 0.000_001...1_000_000.0

    private let initialSpeed: Double
    private let state: NIOLockedValueBox<State>

    /// - Parameters:
    ///   - speed: `nil` for the saved speed, or else real time.
    ///   - isPaused: whether to start paused even if an earlier run was not.
    init(speed: Double?, isPaused: Bool, saved: Saved?) {
        let speed = speed ?? saved?.speed ?? 1
        initialSpeed = speed
        // A clock that was stopped on purpose still shows the time it was stopped at.
        let realTime = saved?.isPaused == true ? 0 : SimulatedClock.realTime
        state = NIOLockedValueBox(
            State(
                origin: max(realTime, saved?.time ?? 0),
                speed: speed,
                isPaused: isPaused || saved?.isPaused == true
            )
        )
    }

    /// Unix milliseconds.
    var now: Int64 { reading.now }

    var reading: Reading {
        state.withLockedValue { $0.reading(at: .now) }
    }

    /// Whether `reading` was taken since the last reset.
    func isCurrent(_ reading: Reading) -> Bool {
        state.withLockedValue { $0.generation == reading.generation }
    }

    /// Steers the clock, all at once. Returns how it stands then.
    @discardableResult
    func apply(_ change: Change) throws(Refusal) -> Reading {
        let result: Result<Reading, Refusal> = state.withLockedValue { state in
            let instant = ContinuousClock.now
            let now = state.time(at: instant)
            let time: Int64
            switch change.move {
            case .step(let length):
                guard length >= 0 else { return .failure(.backwards(now: now)) }
                time = length > SimulatedClock.latest - now ? .max : now + length
            case .jump(let target):
                guard target >= now else { return .failure(.backwards(now: now)) }
                time = target
            case nil: time = now
            }
            guard time <= max(now, SimulatedClock.latest) else { return .failure(.tooLate) }
            state.origin = time
            state.start = instant
            state.speed = change.speed ?? state.speed
            state.isPaused = change.isPaused ?? state.isPaused
            return .success(state.reading(at: instant))
        }
        return try result.get()
    }

    /// Back to the real time and the speed at the start, running.
    func reset() {
        state.withLockedValue { state in
            state = State(
                origin: SimulatedClock.realTime,
                speed: initialSpeed,
                isPaused: false,
                generation: state.generation + 1
            )
        }
    }

    /// Back to where the clock stood before a reset that failed.
    func restore(_ reading: Reading) {
        state.withLockedValue { state in
            state = State(
                origin: reading.now,
                speed: reading.speed,
                isPaused: reading.isPaused,
                generation: state.generation + 1
            )
        }
    }

    /// The real time in Unix milliseconds.
    static var realTime: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
