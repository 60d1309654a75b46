/// Characters that come with numbers copied from web pages, documents and address books: spaces that
/// do not break, marks of writing direction, typographic dashes and quotation marks, digits of other
/// widths and scripts, telephones.
enum LookalikeCharacters {
    struct Replacement {
        /// The text with usual characters in their places.
        let text: [UInt8]
        /// The first one, as Unicode calls it: `U+00A0`.
        let character: Message
    }

    /// Nil when there are none, or other characters beyond ASCII too. The text is UTF-8.
    static func replaced(in text: Bytes) -> Replacement? {
        var plain: [UInt8] = []
        var first: UInt32?
        var offset = 0
        while offset < text.count {
            let byte = text[offset]
            if byte < 0x80 {
                plain.append(byte)
                offset += 1
                continue
            }
            let scalar = decode(text, at: offset)
            guard scalar.length > 0, let usual = usual(scalar.value) else { return nil }
            if first == nil { first = scalar.value }
            plain.append(usual)
            offset += scalar.length
        }
        guard let first else { return nil }
        return Replacement(text: plain, character: name(first))
    }

    /// Where characters that cannot be seen stand, when they are all that a name differs by: `U+200B
    /// before`.
    static func hidden(around name: [UInt8], in other: [UInt8]) -> Message? {
        other.withUnsafeBufferPointer { text in
            var seen: [UInt8] = []
            var first: UInt32?
            var place = 0
            var offset = 0
            while offset < text.count {
                let scalar = text[offset] < 0x80 ? (0, 0) : decode(text, at: offset)
                if scalar.1 > 0, usual(scalar.0) == UInt8(ascii: " ") {
                    if first == nil {
                        first = scalar.0
                        place = seen.count
                    }
                    offset += scalar.1
                } else {
                    seen.append(text[offset])
                    offset += 1
                }
            }
            guard let first, seen == name else { return nil }
            let position: StaticString =
                place == 0 ? "before" : place == seen.count ? "behind" : "inside"
            return "\(LookalikeCharacters.name(first)) \(position)"
        }
    }

    private static func usual(_ scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0x00A0, 0x00AD, 0x034F, 0x061C, 0x1680, 0x180B...0x180E, 0x2000...0x200F,
            0x2028...0x202F,
            0x205F...0x2069, 0x3000, 0xFE00...0xFE0F, 0xFEFF:
            UInt8(ascii: " ")
        case 0x2010...0x2015, 0x2043, 0x2212, 0x30FC, 0xFE58, 0xFE63: UInt8(ascii: "-")
        case 0xFE62: UInt8(ascii: "+")
        // Of another width, from ! to ~.
        case 0xFF01...0xFF5E: UInt8(truncatingIfNeeded: scalar - 0xFF01 + 0x21)
        // Quotation marks and telephones, which may stand around a number.
        case 0x00AB, 0x00B4, 0x00BB, 0x02B9...0x02BC, 0x2018...0x201F, 0x2032, 0x2033, 0x2039,
            0x203A,
            0x2121, 0x260E, 0x260F, 0x2706, 0x1F4DE, 0x1F4DF, 0x1F4F1, 0x1F4F2:
            UInt8(ascii: "'")
        default: digit(scalar)
        }
    }

    /// Those of Arabic, Persian, and the scripts of India.
    private static func digit(_ scalar: UInt32) -> UInt8? {
        for zero in [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6] as [UInt32]
        where (zero..<zero + 10).contains(scalar) {
            return UInt8(ascii: "0") + UInt8(truncatingIfNeeded: scalar - zero)
        }
        return nil
    }

    private static func decode(_ text: Bytes, at offset: Int) -> (value: UInt32, length: Int) {
        let length = UTF8Sequence.length(in: text, at: offset)
        guard (2...4).contains(length) else { return (0, 0) }
        var value = UInt32(text[offset]) & (0x7F >> UInt32(length))
        for index in 1..<length { value = value << 6 | UInt32(text[offset + index] & 0x3F) }
        return (value, length)
    }

    private static func name(_ scalar: UInt32) -> Message {
        var name = ByteBuffer()
        name.append("U+")
        for shift in [16, 12, 8, 4, 0] as [UInt32] where shift < 16 || scalar > 0xFFFF {
            let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0xF)
            name.append(hexadecimalDigit: digit, uppercase: true)
        }
        return Message(name.bytes)
    }
}
