enum JSONKind {
    case object
    case array
    case string
    case number
    case boolean
    case null

    var name: StaticString {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .boolean: "a boolean"
        case .null: "null"
        }
    }
}

/// A value that the scanner has checked: its kind and its exact text.
struct JSONValue {
    let kind: JSONKind
    let text: Bytes
    /// Whether it is a string with a backslash in it.
    let hasEscapes: Bool

    /// The string's content, escapes not yet decoded; nil for every other kind.
    var string: JSONText? {
        guard kind == .string else { return nil }
        return JSONText(of: self)
    }

    var isTrue: Bool {
        kind == .boolean && text.count == 4
    }

    /// The value of a number written as an integer (`12`, `-3`; not `1.0`, not `1e3`).
    var integer: Int? {
        guard kind == .number else { return nil }
        var magnitude = 0
        let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
        for index in (isNegative ? 1 : 0)..<text.count {
            guard text[index].isASCIIDigit else { return nil }
            let digit = Int(text[index] - UInt8(ascii: "0"))
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(digit)
            if overflow || sumOverflow { return nil }
            magnitude = sum
        }
        return isNegative ? -magnitude : magnitude
    }
}

/// The inside of a JSON string as it stands in the text.
struct JSONText {
    let raw: Bytes
    let hasEscapes: Bool

    /// Of a string.
    init(of value: JSONValue) {
        raw = value.text.slice(1, value.text.count - 1)
        hasEscapes = value.hasEscapes
    }

    var isEmpty: Bool { raw.count == 0 }

    func equals(_ text: StaticString) -> Bool { equals(text.bytes) }

    func equals(_ text: Bytes) -> Bool {
        guard hasEscapes else { return raw.equals(text) }
        var decoded = ByteBuffer(capacity: raw.count)
        decode(into: &decoded)
        return decoded.bytes.equals(text)
    }

    /// Appends the text that the string stands for. A surrogate without its other half, which
    /// UTF-8 cannot carry, becomes U+FFFD.
    func decode(into buffer: inout ByteBuffer) {
        guard hasEscapes else {
            buffer.append(raw)
            return
        }
        buffer.reserve(raw.count)
        var offset = 0
        while offset < raw.count {
            let byte = raw[offset]
            guard byte == UInt8(ascii: "\\"), offset + 1 < raw.count else {
                buffer.append(byte)
                offset += 1
                continue
            }
            offset += 2
            switch raw[offset - 1] {
            case UInt8(ascii: "b"): buffer.append(0x08)
            case UInt8(ascii: "f"): buffer.append(0x0C)
            case UInt8(ascii: "n"): buffer.append(0x0A)
            case UInt8(ascii: "r"): buffer.append(0x0D)
            case UInt8(ascii: "t"): buffer.append(0x09)
            case UInt8(ascii: "u"): decodeUnicodeEscape(at: &offset, into: &buffer)
            default: buffer.append(raw[offset - 1])
            }
        }
    }

    func decoded() -> [UInt8] {
        var buffer = ByteBuffer(capacity: raw.count)
        decode(into: &buffer)
        return Array(buffer.bytes)
    }

    private func decodeUnicodeEscape(at offset: inout Int, into buffer: inout ByteBuffer) {
        guard let first = JSONText.codeUnit(in: raw, at: offset) else { return }
        offset += 4
        var scalar = UInt32(first)
        if first & 0xFC00 == 0xD800, offset + 1 < raw.count,
            raw[offset] == UInt8(ascii: "\\"), raw[offset + 1] == UInt8(ascii: "u"),
            let second = JSONText.codeUnit(in: raw, at: offset + 2), second & 0xFC00 == 0xDC00
        {
            offset += 6
            scalar = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
        } else if first & 0xF800 == 0xD800 {
            scalar = 0xFFFD
        }
        buffer.append(scalar: scalar)
    }

    /// The four hexadecimal digits at `offset`, nil when there are not four.
    static func codeUnit(in bytes: Bytes, at offset: Int) -> UInt16? {
        guard offset >= 0, bytes.count - offset >= 4 else { return nil }
        var value: UInt16 = 0
        for index in offset..<offset + 4 {
            let byte = bytes[index].lowercasedASCII
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt16(digit)
        }
        return value
    }
}

extension ByteBuffer {
    mutating func append(scalar: UInt32) {
        func byte(_ value: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: value) }
        switch scalar {
        case 0..<0x80:
            append(byte(scalar))
        case 0x80..<0x800:
            append(byte(0xC0 | scalar >> 6))
            append(byte(0x80 | scalar & 0x3F))
        case 0x800..<0x10000:
            append(byte(0xE0 | scalar >> 12))
            append(byte(0x80 | scalar >> 6 & 0x3F))
            append(byte(0x80 | scalar & 0x3F))
        default:
            append(byte(0xF0 | scalar >> 18))
            append(byte(0x80 | scalar >> 12 & 0x3F))
            append(byte(0x80 | scalar >> 6 & 0x3F))
            append(byte(0x80 | scalar & 0x3F))
        }
    }
}
