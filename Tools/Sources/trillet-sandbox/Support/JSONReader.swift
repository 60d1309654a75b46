/// A text that is not JSON, or is nested too deeply to be read.
struct JSONSyntaxError: Error {}

/// Reads RFC 8259 text strictly, with members in their order and numbers as they are written.
///
/// Foundation's reader is not used here because it takes trailing commas and loses the order.
/// docs/decisions.md, own-json-reader.
struct JSONReader {
    private static let deepest = 512

    private let bytes: [UInt8]
    private var position = 0

    /// - Throws: ``JSONSyntaxError`` when `bytes` are not one JSON value in UTF-8.
    static func value(of bytes: [UInt8]) throws(JSONSyntaxError) -> JSON {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONSyntaxError() }
        var reader = JSONReader(bytes: bytes)
        let value = try reader.value(depth: 0)
        reader.skipWhiteSpace()
        guard reader.position == bytes.count else { throw JSONSyntaxError() }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSON {
        skipWhiteSpace()
        switch current {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        guard depth <= JSONReader.deepest else { throw JSONSyntaxError() }
        var object = JSONObject()
        position += 1
        skipWhiteSpace()
        if take("}") { return object }
        repeat {
            skipWhiteSpace()
            guard current == UInt8(ascii: "\"") else { throw JSONSyntaxError() }
            let key = try string()
            skipWhiteSpace()
            guard take(":") else { throw JSONSyntaxError() }
            object[key] = try value(depth: depth)
            skipWhiteSpace()
        } while take(",")
        guard take("}") else { throw JSONSyntaxError() }
        return object
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSON] {
        guard depth <= JSONReader.deepest else { throw JSONSyntaxError() }
        var elements: [JSON] = []
        position += 1
        skipWhiteSpace()
        if take("]") { return elements }
        repeat {
            elements.append(try value(depth: depth))
            skipWhiteSpace()
        } while take(",")
        guard take("]") else { throw JSONSyntaxError() }
        return elements
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON
    {
        let length = text.utf8CodeUnitCount
        let word = UnsafeBufferPointer(start: text.utf8Start, count: length)
        guard bytes[position...].starts(with: word) else { throw JSONSyntaxError() }
        position += length
        return value
    }

    private mutating func number() throws(JSONSyntaxError) -> JSON {
        let start = position
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        guard position > start else { throw JSONSyntaxError() }
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        var start = position
        var text: [UInt8] = []
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let rest = bytes[start..<position]
                position += 1
                if text.isEmpty { return String(decoding: rest, as: UTF8.self) }
                text.append(contentsOf: rest)
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[start..<position])
                position += 1
                text.append(contentsOf: String(try escape()).utf8)
                start = position
            case 0..<0x20: throw JSONSyntaxError()
            default: position += 1
            }
        }
        throw JSONSyntaxError()
    }

    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        guard let byte = current else { throw JSONSyntaxError() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try codePoint()
        default: throw JSONSyntaxError()
        }
    }

    /// The scalar of `\u` escapes, two of them for one beyond the basic plane.
    private mutating func codePoint() throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take("\\"), take("u") else { throw JSONSyntaxError() }
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar((first - 0xD800) << 10 + (second - 0xDC00) + 0x10000)
        else { throw JSONSyntaxError() }
        return scalar
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw JSONSyntaxError() }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }
}
