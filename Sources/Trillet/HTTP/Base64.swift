extension ByteBuffer {
    /// Appends what RFC 4648 makes of the bytes, as HTTP's Basic authentication does.
    mutating func append(base64 bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0...3 {
                let isThere = place <= group.count
                let digit = bits >> UInt32(18 - 6 * place) & 63
                append(isThere ? ByteBuffer.base64Digit(digit) : UInt8(ascii: "="))
            }
            start += 3
        }
    }

    private static func base64Digit(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        switch value {
        case ..<26: return UInt8(ascii: "A") + value
        case ..<52: return UInt8(ascii: "a") + (value - 26)
        case ..<62: return UInt8(ascii: "0") + (value - 52)
        default: return value == 62 ? UInt8(ascii: "+") : UInt8(ascii: "/")
        }
    }
}
