import CTrillet

/// A strict reader of RFC 8259 that walks the bytes once and builds nothing.
///
/// It is a loop and not a recursion: a host's thread may have a stack of a few kilobytes.
struct JSONScanner {
    /// Deeper nesting is refused: no answer of the service comes near it, and whatever reads the
    /// text after us has a limit of its own.
    static let deepestNesting = 512

    let bytes: Bytes
    private(set) var position = 0
    /// Whether `"\ud800"` may pass: yes where the text is only handed on, no where it becomes a
    /// request that the service would have to read.
    let allowsLoneSurrogates: Bool

    init(_ bytes: Bytes, allowsLoneSurrogates: Bool) {
        self.bytes = bytes
        self.allowsLoneSurrogates = allowsLoneSurrogates
    }

    /// Checks that the whole text is one value.
    static func check(
        _ bytes: Bytes,
        allowsLoneSurrogates: Bool
    ) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(bytes, allowsLoneSurrogates: allowsLoneSurrogates)
        let value = try scanner.readValue(depth: 0)
        try scanner.expectEnd()
        return value
    }

    /// The byte at the position after white space, nil at the end.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    mutating func expectEnd() throws(JSONError) {
        if peek() != nil { throw error(.trailingText) }
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard let found = peek() else { throw error(.unexpectedEnd) }
        guard found == byte else { throw error(.unexpectedByte) }
        position += 1
    }

    /// Reads past the byte if it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    /// Reads a string and returns its text with the quotes.
    mutating func readString() throws(JSONError) -> Bytes {
        guard let byte = peek() else { throw error(.unexpectedEnd) }
        guard byte == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
        let start = position
        try skipString()
        return bytes.slice(start, position)
    }

    /// Reads the value at the position, which lies `depth` levels deep.
    mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        guard let first = peek() else { throw error(.unexpectedEnd) }
        let start = position
        let kind: JSONKind
        switch first {
        case UInt8(ascii: "{"): kind = .object
        case UInt8(ascii: "["): kind = .array
        case UInt8(ascii: "\""): kind = .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): kind = .boolean
        case UInt8(ascii: "n"): kind = .null
        default: kind = .number
        }
        if kind == .object || kind == .array {
            try skipContainer(depth: depth)
        } else {
            try skipScalar(first)
        }
        return JSONValue(kind: kind, text: bytes.slice(start, position))
    }

    private mutating func skipContainer(depth: Int) throws(JSONError) {
        var open = OpenContainers(depth: depth)
        while true {
            guard let byte = peek() else { throw error(.unexpectedEnd) }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                let isObject = byte == UInt8(ascii: "{")
                guard open.push(isObject: isObject) else { throw error(.tooDeep) }
                position += 1
                if take(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    open.pop()
                    break
                }
                if isObject { try skipKey() }
                continue
            default:
                try skipScalar(byte)
            }
            if try closeContainers(&open) { return }
        }
    }

    /// After a value: closes what ends here and reads the comma before the next value; true when
    /// the outermost container has ended.
    private mutating func closeContainers(_ open: inout OpenContainers) throws(JSONError) -> Bool {
        while !open.isEmpty {
            guard let byte = peek() else { throw error(.unexpectedEnd) }
            switch byte {
            case UInt8(ascii: ","):
                position += 1
                if open.innermostIsObject { try skipKey() }
                return false
            case UInt8(ascii: "}") where open.innermostIsObject,
                UInt8(ascii: "]") where !open.innermostIsObject:
                position += 1
                open.pop()
            default:
                throw error(.unexpectedByte)
            }
        }
        return true
    }

    private mutating func skipKey() throws(JSONError) {
        guard let byte = peek() else { throw error(.unexpectedEnd) }
        guard byte == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
        try skipString()
        try expect(UInt8(ascii: ":"))
    }

    private mutating func skipScalar(_ first: UInt8) throws(JSONError) {
        switch first {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipLiteral("true")
        case UInt8(ascii: "f"): try skipLiteral("false")
        case UInt8(ascii: "n"): try skipLiteral("null")
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try skipNumber()
        default: throw error(.unexpectedByte)
        }
    }

    private mutating func skipLiteral(_ literal: StaticString) throws(JSONError) {
        for byte in literal.bytes {
            guard position < bytes.count else { throw error(.unexpectedEnd) }
            guard bytes[position] == byte else { throw error(.unexpectedByte) }
            position += 1
        }
    }

    private mutating func skipNumber() throws(JSONError) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
            if position < bytes.count, bytes[position].isASCIIDigit {
                throw error(.illFormedNumber)
            }
        } else {
            try skipDigits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try skipDigits()
        }
        if position < bytes.count, bytes[position].lowercasedASCII == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count,
                bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
            {
                position += 1
            }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(JSONError) {
        let start = position
        while position < bytes.count, bytes[position].isASCIIDigit { position += 1 }
        guard position == start else { return }
        throw error(position == bytes.count ? .unexpectedEnd : .illFormedNumber)
    }

    private mutating func skipString() throws(JSONError) {
        position += 1
        while position < bytes.count {
            position += PlainText.length(in: bytes, from: position)
            guard position < bytes.count else { break }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return
            } else if byte == UInt8(ascii: "\\") {
                try skipEscape()
            } else if byte < 0x20 {
                throw error(.controlCharacter)
            } else {
                let length = UTF8Sequence.length(in: bytes, at: position)
                if length == 0 { throw error(.illFormedUTF8) }
                position += length
            }
        }
        throw error(.unexpectedEnd)
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw error(.unexpectedEnd) }
        switch bytes[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            guard let unit = JSONText.codeUnit(in: bytes, at: position + 2) else {
                throw error(.illFormedEscape)
            }
            try skipUnicodeEscape(unit)
        default:
            throw error(.illFormedEscape)
        }
    }

    private mutating func skipUnicodeEscape(_ unit: UInt16) throws(JSONError) {
        if unit & 0xFC00 == 0xD800, position + 7 < bytes.count,
            bytes[position + 6] == UInt8(ascii: "\\"), bytes[position + 7] == UInt8(ascii: "u"),
            let low = JSONText.codeUnit(in: bytes, at: position + 8), low & 0xFC00 == 0xDC00
        {
            position += 12
            return
        }
        if unit & 0xF800 == 0xD800, !allowsLoneSurrogates { throw error(.loneSurrogate) }
        position += 6
    }

    private func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: reason, offset: position)
    }
}

/// Which of the open containers are objects: one bit a level.
private struct OpenContainers {
    private var objects = InlineArray<8, UInt64>(repeating: 0)
    private var count: Int
    private let outermost: Int

    /// `depth` is how deep the first container lies already.
    init(depth: Int) {
        count = depth
        outermost = depth
    }

    var isEmpty: Bool { count <= outermost }

    var innermostIsObject: Bool {
        let level = count - 1
        return objects[level >> 6] >> UInt64(level & 63) & 1 == 1
    }

    mutating func push(isObject: Bool) -> Bool {
        guard count < JSONScanner.deepestNesting else { return false }
        let bit = UInt64(1) << UInt64(count & 63)
        if isObject {
            objects[count >> 6] |= bit
        } else {
            objects[count >> 6] &= ~bit
        }
        count += 1
        return true
    }

    mutating func pop() {
        count -= 1
    }
}

/// The bytes that a JSON string may hold as they are: ASCII but for controls, quote and backslash.
private enum PlainText {
    /// How many of them follow. It looks at eight at a time; strings are most of any answer.
    static func length(in bytes: Bytes, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var offset = start
        while bytes.count - offset >= 8 {
            let plain = plainPrefix(of: UInt64(littleEndian: shim_load_word(base + offset)))
            offset += plain
            if plain < 8 { return offset - start }
        }
        while offset < bytes.count, isPlain(base[offset]) { offset += 1 }
        return offset - start
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// How many of a word's bytes are plain before the first that is not.
    private static func plainPrefix(of word: UInt64) -> Int {
        let others =
            word
            | (word &- ones &* 0x20)
            | zeroBytes(of: word ^ ones &* 0x22)
            | zeroBytes(of: word ^ ones &* 0x5C)
        return (others & highBits).trailingZeroBitCount / 8
    }

    /// Sets the high bit of every byte that is zero. Borrows can set it above the first such
    /// byte too, which does not matter to who looks for the first.
    private static func zeroBytes(of word: UInt64) -> UInt64 {
        (word &- ones) & ~word
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
