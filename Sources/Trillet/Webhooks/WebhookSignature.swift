/// What came in the header that proves who sent a webhook.
enum WebhookSignature {
    private static let length = 32

    /// The bytes of a signature: 64 hexadecimal digits or Base64, with or without `sha256=`; nil
    /// for every other form.
    static func code(in header: Bytes) -> [UInt8]? {
        var text = header.trimmed
        if text.hasPrefixIgnoringCase("sha256=") { text = text.slice(7, text.count) }
        let code = text.count == 2 * length ? BytesText.hexadecimal(text) : BytesText.base64(text)
        return code?.count == length ? code : nil
    }

    /// Whether both are the same, in a time that depends on their lengths alone.
    @inline(never)
    static func areEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        var difference: UInt8 = 0
        for index in one.indices { difference |= one[index] ^ other[index] }
        return difference == 0
    }
}

/// Bytes written as text.
enum BytesText {
    /// nil when it is not pairs of hexadecimal digits.
    static func hexadecimal(_ text: Bytes) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var value: UInt8 = 0
        for index in 0..<text.count {
            let letter = text[index].lowercasedASCII
            let digit: UInt8
            switch letter {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = letter - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = letter - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | digit
            if index % 2 == 1 { bytes.append(value) }
        }
        return bytes
    }

    /// Base64 of either alphabet, padded or not; nil when it is not that, or not the only way to
    /// write these bytes.
    static func base64(_ text: Bytes) -> [UInt8]? {
        var end = text.count
        while end > 0, text.count - end < 2, text[end - 1] == UInt8(ascii: "=") { end -= 1 }
        guard end % 4 != 1, end == text.count || text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        var (bits, held): (UInt32, UInt32) = (0, 0)
        for index in 0..<end {
            guard let digit = digit(text[index]) else { return nil }
            bits = bits << 6 | digit
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> held))
            bits &= (1 << held) - 1
        }
        return bits == 0 ? bytes : nil
    }

    private static func digit(_ letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
