extension ByteBuffer {
    /// Appends microseconds as milliseconds with three decimals. By hand: printf would follow the
    /// host's locale.
    mutating func append(millisecondsOf microseconds: Int64) {
        append(millisecondsOf: microseconds, decimals: 3)
    }

    /// Cut to one to three decimals, not rounded, as a clock shows time.
    mutating func append(millisecondsOf microseconds: Int64, decimals: Int) {
        if microseconds < 0 { append(UInt8(ascii: "-")) }
        let magnitude = UInt(microseconds.magnitude)
        append(decimal: magnitude / 1000)
        append(UInt8(ascii: "."))
        var rest = magnitude % 1000
        var unit: UInt = 100
        for _ in 0..<max(1, min(decimals, 3)) {
            append(decimal: rest / unit)
            rest %= unit
            unit /= 10
        }
    }
}
