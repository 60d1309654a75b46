/// SplitMix64: a small generator whose numbers depend on its key alone, on every platform.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(key: [UInt64]) {
        state = 0
        for part in key { state = SeededGenerator.mixed(state ^ part) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return SeededGenerator.mixed(state)
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
