/// A character as a text spells it: JSON and URLs have several spellings for each.
struct EscapedCharacter {
    let scalar: UInt32
    /// Bytes of the text.
    let length: Int

    /// The JSON escape at `offset`, nil when there is none. Half of a surrogate pair is U+FFFD.
    static func json(in text: Bytes, at offset: Int) -> EscapedCharacter? {
        guard offset + 1 < text.count, text[offset] == UInt8(ascii: "\\") else { return nil }
        switch text[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return EscapedCharacter(scalar: UInt32(text[offset + 1]), length: 2)
        case UInt8(ascii: "b"): return EscapedCharacter(scalar: 0x08, length: 2)
        case UInt8(ascii: "f"): return EscapedCharacter(scalar: 0x0C, length: 2)
        case UInt8(ascii: "n"): return EscapedCharacter(scalar: 0x0A, length: 2)
        case UInt8(ascii: "r"): return EscapedCharacter(scalar: 0x0D, length: 2)
        case UInt8(ascii: "t"): return EscapedCharacter(scalar: 0x09, length: 2)
        case UInt8(ascii: "u"): return unicode(in: text, at: offset)
        default: return nil
        }
    }

    private static func unicode(in text: Bytes, at offset: Int) -> EscapedCharacter? {
        guard let first = JSONText.codeUnit(in: text, at: offset + 2) else { return nil }
        guard first & 0xF800 == 0xD800 else {
            return EscapedCharacter(scalar: UInt32(first), length: 6)
        }
        guard first & 0xFC00 == 0xD800, text.slice(offset + 6, offset + 8).equals("\\u"),
            let second = JSONText.codeUnit(in: text, at: offset + 8), second & 0xFC00 == 0xDC00
        else { return EscapedCharacter(scalar: 0xFFFD, length: 6) }
        let scalar = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
        return EscapedCharacter(scalar: scalar, length: 12)
    }

    /// The byte that is percent-encoded at `offset`, nil when there is none.
    static func percent(in text: Bytes, at offset: Int) -> EscapedCharacter? {
        guard offset + 2 < text.count, text[offset] == UInt8(ascii: "%"),
            let high = text[offset + 1].hexadecimalValue,
            let low = text[offset + 2].hexadecimalValue
        else { return nil }
        return EscapedCharacter(scalar: UInt32(high << 4 | low), length: 3)
    }

    /// The well-formed UTF-8 sequence at `offset`; U+FFFD, one byte long, where there is none.
    static func plain(in text: Bytes, at offset: Int) -> EscapedCharacter {
        let length = UTF8Sequence.length(in: text, at: offset)
        let first = UInt32(text[offset])
        switch length {
        case 1: return EscapedCharacter(scalar: first, length: 1)
        case 2...4:
            var scalar = first & (0x7F >> UInt32(length))
            for byte in text.slice(offset + 1, offset + length) {
                scalar = scalar << 6 | UInt32(byte & 0x3F)
            }
            return EscapedCharacter(scalar: scalar, length: length)
        default: return EscapedCharacter(scalar: 0xFFFD, length: 1)
        }
    }
}

extension UInt8 {
    var hexadecimalValue: UInt8? {
        switch lowercasedASCII {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): lowercasedASCII - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    var isASCIILetter: Bool {
        lowercasedASCII >= UInt8(ascii: "a") && lowercasedASCII <= UInt8(ascii: "z")
    }
}
