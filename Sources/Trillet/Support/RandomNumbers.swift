import CTrillet

enum SplitMix64 {
    static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Each bit of the word reaches every bit of the result.
    static func mix(_ word: UInt64) -> UInt64 {
        var mixed = word &+ increment
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Numbers for jitter (SplitMix64): clients that failed together must not come back together.
struct RandomNumbers {
    private var state: UInt64

    init() {
        let seed = shim_random_seed()
        // Without randomness at system start, processes and moments still differ.
        let moment = UInt64(truncatingIfNeeded: shim_monotonic_microseconds())
        state = seed ^ (moment << 20) ^ UInt64(truncatingIfNeeded: shim_process_id())
    }

    private mutating func next() -> UInt64 {
        defer { state &+= SplitMix64.increment }
        return SplitMix64.mix(state)
    }

    /// A number from 0 to `bound`, both included.
    mutating func number(upTo bound: Int) -> Int {
        bound <= 0 ? 0 : Int(next() % UInt64(bound + 1))
    }
}
