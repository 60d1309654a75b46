import NIOConcurrencyHelpers

/// The number that decides how calls go. A reset may choose another one. Safe to use from any
/// thread.
final class SimulationSeed: Sendable {
    private let initial: UInt64
    private let current: NIOLockedValueBox<UInt64>

    init(_ initial: UInt64) {
        self.initial = initial
        current = NIOLockedValueBox(initial)
    }

    var value: UInt64 { current.withLockedValue { $0 } }

    /// - Parameter seed: `nil` for the one at the start.
    func reset(to seed: UInt64?) {
        current.withLockedValue { $0 = seed ?? initial }
    }
}
