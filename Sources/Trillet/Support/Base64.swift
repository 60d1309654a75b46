extension ByteBuffer {
    /// Appends what RFC 4648 makes of the bytes, padding included.
    @_optimize(speed)
    mutating func append(base64 bytes: Bytes) {
        let whole = bytes.count / 3
        let rest = bytes.count - 3 * whole
        guard let source = bytes.baseAddress,
            let target = extend(by: 4 * (rest > 0 ? whole + 1 : whole))
        else { return }
        for group in 0..<whole {
            let from = source + 3 * group
            let bits = UInt32(from[0]) << 16 | UInt32(from[1]) << 8 | UInt32(from[2])
            ByteBuffer.write(base64: bits, to: target + 4 * group)
        }
        guard rest > 0 else { return }
        let from = source + 3 * whole
        let to = target + 4 * whole
        let second = rest == 2 ? UInt32(from[1]) : 0
        ByteBuffer.write(base64: UInt32(from[0]) << 16 | second << 8, to: to)
        to[3] = UInt8(ascii: "=")
        if rest == 1 { to[2] = UInt8(ascii: "=") }
    }

    private static let base64Digits: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    @inline(__always)
    private static func write(base64 bits: UInt32, to target: UnsafeMutablePointer<UInt8>) {
        let digits = base64Digits.utf8Start
        target[0] = digits[Int(bits >> 18 & 63)]
        target[1] = digits[Int(bits >> 12 & 63)]
        target[2] = digits[Int(bits >> 6 & 63)]
        target[3] = digits[Int(bits & 63)]
    }
}
