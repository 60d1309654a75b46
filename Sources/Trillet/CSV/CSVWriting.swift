extension ByteBuffer {
    /// Appends a field, in quotes where it would not stand alone.
    mutating func append(csvField text: Bytes) {
        guard text.contains(where: { $0.isCSVSpecial }) else {
            append(text)
            return
        }
        append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { append(byte) }
            append(byte)
        }
        append(UInt8(ascii: "\""))
    }
}

extension UInt8 {
    fileprivate var isCSVSpecial: Bool {
        self == UInt8(ascii: ",") || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\n")
            || self == UInt8(ascii: "\r")
    }
}
