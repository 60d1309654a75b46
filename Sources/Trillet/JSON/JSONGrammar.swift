import CTrillet

/// Where the parts of a JSON text end, by the grammar of RFC 8259.
///
/// It only looks and changes nothing, so that an offset stays in a register.
struct JSONGrammar {
    /// Deeper nesting is refused: no answer of the service comes near it, and whatever reads the
    /// text after us has a limit of its own. docs/decisions.md, json-depth.
    static let deepestNesting = 512

    let bytes: Bytes
    /// Whether `"\ud800"` may pass: yes where the text is only handed on, no where it becomes a
    /// request that the service would have to read.
    let allowsLoneSurrogates: Bool

    @inline(__always)
    @_optimize(speed)
    func afterSpace(from offset: Int) -> Int {
        if offset < bytes.count, bytes[offset] > 0x20 { return offset }
        return afterSpaces(from: offset)
    }

    @_optimize(speed)
    private func afterSpaces(from offset: Int) -> Int {
        var offset = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return offset
            }
        }
        return offset
    }

    /// Where something starts that must be there.
    @inline(__always)
    @_optimize(speed)
    func start(from offset: Int) throws(JSONError) -> Int {
        let start = afterSpace(from: offset)
        if start >= bytes.count { throw error(.unexpectedEnd, at: start) }
        return start
    }

    @inline(__always)
    @_optimize(speed)
    func end(of byte: UInt8, from offset: Int) throws(JSONError) -> Int {
        let start = try start(from: offset)
        guard bytes[start] == byte else { throw error(.unexpectedByte, at: start) }
        return start + 1
    }

    @_optimize(speed)
    func endOfContainer(from start: Int, depth: Int) throws(JSONError) -> Int {
        var open = OpenContainers(depth: depth)
        var offset = start
        while true {
            offset = try self.start(from: offset)
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                offset = try endOfString(from: offset)
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                let isObject = byte == UInt8(ascii: "{")
                guard open.push(isObject: isObject) else { throw error(.tooDeep, at: offset) }
                offset = try self.start(from: offset + 1)
                // The brackets lie two after each other in ASCII.
                if bytes[offset] != byte + 2 {
                    if isObject { offset = try endOfKey(from: offset) }
                    continue
                }
            } else {
                offset = try endOfScalar(from: offset)
            }
            // After a value: what ends here, and the comma before the next.
            while true {
                offset = try self.start(from: offset)
                let byte = bytes[offset]
                if byte == UInt8(ascii: ",") { break }
                let close = open.innermostIsObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
                guard byte == close else { throw error(.unexpectedByte, at: offset) }
                offset += 1
                open.pop()
                if open.isEmpty { return offset }
            }
            offset += 1
            if open.innermostIsObject { offset = try endOfKey(from: offset) }
        }
    }

    @inline(__always)
    @_optimize(speed)
    private func endOfKey(from offset: Int) throws(JSONError) -> Int {
        let start = try start(from: offset)
        guard bytes[start] == UInt8(ascii: "\"") else { throw error(.unexpectedByte, at: start) }
        return try end(of: UInt8(ascii: ":"), from: endOfString(from: start))
    }

    @_optimize(speed)
    func endOfScalar(from start: Int) throws(JSONError) -> Int {
        switch bytes[start] {
        case UInt8(ascii: "t"): try end(of: "true", from: start)
        case UInt8(ascii: "f"): try end(of: "false", from: start)
        case UInt8(ascii: "n"): try end(of: "null", from: start)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try endOfNumber(from: start)
        default: throw error(.unexpectedByte, at: start)
        }
    }

    @_optimize(speed)
    private func end(of literal: StaticString, from start: Int) throws(JSONError) -> Int {
        var offset = start
        for byte in literal.bytes {
            guard offset < bytes.count else { throw error(.unexpectedEnd, at: offset) }
            guard bytes[offset] == byte else { throw error(.unexpectedByte, at: offset) }
            offset += 1
        }
        return offset
    }

    @_optimize(speed)
    private func endOfNumber(from start: Int) throws(JSONError) -> Int {
        var offset = start
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
            offset += 1
            if offset < bytes.count, bytes[offset].isASCIIDigit {
                throw error(.illFormedNumber, at: offset)
            }
        } else {
            offset = try endOfDigits(from: offset)
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset = try endOfDigits(from: offset + 1)
        }
        if offset < bytes.count, bytes[offset].lowercasedASCII == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count,
                bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-")
            {
                offset += 1
            }
            offset = try endOfDigits(from: offset)
        }
        return offset
    }

    @_optimize(speed)
    private func endOfDigits(from start: Int) throws(JSONError) -> Int {
        var offset = start
        while offset < bytes.count, bytes[offset].isASCIIDigit { offset += 1 }
        if offset > start { return offset }
        throw error(offset == bytes.count ? .unexpectedEnd : .illFormedNumber, at: offset)
    }

    @inline(__always)
    @_optimize(speed)
    private func endOfString(from start: Int) throws(JSONError) -> Int {
        let offset = endOfPlainText(from: start + 1)
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") { return offset + 1 }
        return try endOfString(goingOnAt: offset)
    }

    @inline(__always)
    @_optimize(speed)
    func endOfPlainText(from offset: Int) -> Int {
        guard let base = bytes.baseAddress else { return offset }
        return shim_plain_end(base, offset, bytes.count)
    }

    /// Goes on at a byte that is not plain text, or at the end of the text.
    @_optimize(speed)
    func endOfString(goingOnAt start: Int) throws(JSONError) -> Int {
        var offset = start
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == UInt8(ascii: "\"") {
                return offset + 1
            } else if byte == UInt8(ascii: "\\") {
                offset = try endOfEscape(from: offset)
            } else if byte < 0x20 {
                throw error(.controlCharacter, at: offset)
            } else {
                let length = UTF8Sequence.length(in: bytes, at: offset)
                if length == 0 { throw error(.illFormedUTF8, at: offset) }
                offset += length
            }
            offset = endOfPlainText(from: offset)
        }
        throw error(.unexpectedEnd, at: offset)
    }

    @_optimize(speed)
    private func endOfEscape(from start: Int) throws(JSONError) -> Int {
        guard start + 1 < bytes.count else { throw error(.unexpectedEnd, at: start) }
        switch bytes[start + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
            UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard let unit = JSONText.codeUnit(in: bytes, at: start + 2) else {
                throw error(.illFormedEscape, at: start)
            }
            return try endOfUnicodeEscape(unit, from: start)
        default:
            throw error(.illFormedEscape, at: start)
        }
    }

    @_optimize(speed)
    private func endOfUnicodeEscape(_ unit: UInt16, from start: Int) throws(JSONError) -> Int {
        if unit & 0xFC00 == 0xD800, start + 7 < bytes.count,
            bytes[start + 6] == UInt8(ascii: "\\"), bytes[start + 7] == UInt8(ascii: "u"),
            let low = JSONText.codeUnit(in: bytes, at: start + 8), low & 0xFC00 == 0xDC00
        {
            return start + 12
        }
        if unit & 0xF800 == 0xD800, !allowsLoneSurrogates {
            throw error(.loneSurrogate, at: start)
        }
        return start + 6
    }

    /// Inlined, it would be too much for the functions on the fast way to be inlined themselves.
    @inline(never)
    func error(_ reason: JSONError.Reason, at offset: Int) -> JSONError {
        if offset == 0, let mark = JSONError.Reason(markOf: bytes) {
            return JSONError(reason: mark, offset: 0)
        }
        return JSONError(reason: reason, offset: offset)
    }
}

/// Which of the open containers are objects: one bit a level.
private struct OpenContainers {
    /// The lowest bit is the innermost container's.
    private var innermost: UInt64 = 0
    /// For every 64 levels, what `innermost` was before the first of them was opened.
    private var outer = InlineArray<8, UInt64>(repeating: 0)
    private var count: Int
    private let outermost: Int

    /// `depth` is how deep the first container lies already.
    init(depth: Int) {
        count = depth
        outermost = depth
    }

    var isEmpty: Bool { count <= outermost }

    var innermostIsObject: Bool { innermost & 1 == 1 }

    @inline(__always)
    @_optimize(speed)
    mutating func push(isObject: Bool) -> Bool {
        guard count < JSONGrammar.deepestNesting else { return false }
        if count & 63 == 0 { outer[count >> 6] = innermost }
        innermost = innermost << 1 | (isObject ? 1 : 0)
        count += 1
        return true
    }

    @inline(__always)
    @_optimize(speed)
    mutating func pop() {
        count -= 1
        innermost = count & 63 == 0 ? outer[count >> 6] : innermost >> 1
    }
}
