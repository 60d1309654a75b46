extension ByteBuffer {
    /// Appends a JSON string. Ill-formed UTF-8 becomes U+FFFD, so that the text written is
    /// always well-formed.
    @_optimize(speed)
    mutating func append(jsonString text: Bytes) {
        append(UInt8(ascii: "\""))
        var plainStart = 0
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                offset += 1
                continue
            }
            let length = UTF8Sequence.length(in: text, at: offset)
            if length > 1 {
                offset += length
                continue
            }
            append(text.slice(plainStart, offset))
            if length == 0 {
                append(scalar: 0xFFFD)
            } else {
                append(jsonEscapeOf: byte)
            }
            offset += 1
            plainStart = offset
        }
        append(text.slice(plainStart, text.count))
        append(UInt8(ascii: "\""))
    }

    mutating func append(jsonString text: [UInt8]) {
        text.withUnsafeBufferPointer { append(jsonString: $0) }
    }

    private mutating func append(jsonEscapeOf byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append("u00")
            append(hexadecimalDigit: byte >> 4, uppercase: false)
            append(hexadecimalDigit: byte & 0x0F, uppercase: false)
        }
    }

    mutating func append(hexadecimalDigit digit: UInt8, uppercase: Bool) {
        let letterA = uppercase ? UInt8(ascii: "A") : UInt8(ascii: "a")
        append(digit < 10 ? UInt8(ascii: "0") + digit : letterA + (digit - 10))
    }
}
