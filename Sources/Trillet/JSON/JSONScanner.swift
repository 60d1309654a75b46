/// A strict reader of RFC 8259 that walks the bytes once and builds nothing.
///
/// It is a loop and not a recursion: a host's thread may have a stack of a few kilobytes.
struct JSONScanner {
    private let grammar: JSONGrammar
    private var position = 0

    init(_ bytes: Bytes, allowsLoneSurrogates: Bool) {
        grammar = JSONGrammar(bytes: bytes, allowsLoneSurrogates: allowsLoneSurrogates)
    }

    private var bytes: Bytes { grammar.bytes }

    /// Checks that the whole text is one value.
    @_optimize(speed)
    static func check(
        _ bytes: Bytes,
        allowsLoneSurrogates: Bool
    ) throws(JSONError) -> JSONValue {
        var scanner = JSONScanner(bytes, allowsLoneSurrogates: allowsLoneSurrogates)
        let value = try scanner.readValue(depth: 0)
        try scanner.expectEnd()
        return value
    }

    // MARK: Reading part by part

    @_optimize(speed)
    mutating func expectEnd() throws(JSONError) {
        position = grammar.afterSpace(from: position)
        if position < bytes.count { throw grammar.error(.trailingText, at: position) }
    }

    @_optimize(speed)
    mutating func expect(_ byte: UInt8) throws(JSONError) {
        position = try grammar.end(of: byte, from: position)
    }

    /// Reads past the byte if it is the next one.
    @_optimize(speed)
    mutating func take(_ byte: UInt8) -> Bool {
        position = grammar.afterSpace(from: position)
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    /// Reads a string.
    @_optimize(speed)
    mutating func readString() throws(JSONError) -> JSONValue {
        let start = try grammar.start(from: position)
        guard bytes[start] == UInt8(ascii: "\"") else {
            throw grammar.error(.unexpectedByte, at: start)
        }
        return try readString(from: start)
    }

    /// Reads the value at the position, which lies `depth` levels deep.
    @_optimize(speed)
    mutating func readValue(depth: Int) throws(JSONError) -> JSONValue {
        let start = try grammar.start(from: position)
        let kind: JSONKind
        switch bytes[start] {
        case UInt8(ascii: "\""):
            return try readString(from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            kind = bytes[start] == UInt8(ascii: "{") ? .object : .array
            position = try grammar.endOfContainer(from: start, depth: depth)
        case let first:
            switch first {
            case UInt8(ascii: "t"), UInt8(ascii: "f"): kind = .boolean
            case UInt8(ascii: "n"): kind = .null
            default: kind = .number
            }
            position = try grammar.endOfScalar(from: start)
        }
        return JSONValue(kind: kind, text: bytes.slice(start, position), hasEscapes: false)
    }

    /// The text from the start of a part of it up to the position.
    @_optimize(speed)
    func text(from part: Bytes) -> Bytes {
        guard let base = bytes.baseAddress, let start = part.baseAddress else { return .empty }
        return bytes.slice(start - base, position)
    }

    @_optimize(speed)
    private mutating func readString(from start: Int) throws(JSONError) -> JSONValue {
        let plainEnd = grammar.endOfPlainText(from: start + 1)
        var hasEscapes = false
        if plainEnd < bytes.count, bytes[plainEnd] == UInt8(ascii: "\"") {
            position = plainEnd + 1
        } else {
            position = try grammar.endOfString(goingOnAt: plainEnd)
            let rest = bytes.slice(plainEnd, position)
            hasEscapes = rest.firstOffset(of: UInt8(ascii: "\\")) != nil
        }
        return JSONValue(kind: .string, text: bytes.slice(start, position), hasEscapes: hasEscapes)
    }
}
