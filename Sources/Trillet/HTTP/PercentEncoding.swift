extension ByteBuffer {
    /// Appends text so that nothing in it has a meaning in a URL: every byte but the unreserved
    /// ones of RFC 3986 is encoded.
    mutating func append(percentEncoded text: Bytes) {
        reserve(text.count)
        for byte in text {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                append(byte)
            default:
                append(UInt8(ascii: "%"))
                append(hexadecimalDigit: byte >> 4, uppercase: true)
                append(hexadecimalDigit: byte & 0x0F, uppercase: true)
            }
        }
    }
}
