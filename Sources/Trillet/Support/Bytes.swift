import CTrillet

/// Bytes that somebody else owns, borrowed for the length of a call.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer where Element == UInt8 {
    static var empty: Bytes { Bytes(start: nil, count: 0) }

    /// The bytes of a C text without its NUL; empty for NULL.
    init(text: UnsafePointer<CChar>?) {
        guard let text else {
            self = .empty
            return
        }
        self.init(
            start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self),
            count: shim_text_length(text)
        )
    }

    /// Bytes that C counts.
    init(_ data: UnsafeMutablePointer<CChar>?, _ count: Int) {
        self.init(
            start: UnsafeRawPointer(data)?.assumingMemoryBound(to: UInt8.self),
            count: data == nil ? 0 : count
        )
    }

    /// The bytes from `lower` up to `upper`, clamped to what is there.
    @inline(__always)
    @_optimize(speed)
    func slice(_ lower: Int, _ upper: Int) -> Bytes {
        let start = Swift.max(0, Swift.min(lower, count))
        let end = Swift.max(start, Swift.min(upper, count))
        guard let base = baseAddress else { return .empty }
        return Bytes(start: base + start, count: end - start)
    }

    @_optimize(speed)
    func equals(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        guard count > 0, let mine = baseAddress, let theirs = other.baseAddress else { return true }
        return shim_is_equal(mine, theirs, count)
    }

    func equals(_ text: StaticString) -> Bool {
        equals(text.bytes)
    }

    /// Compares as HTTP compares header names: ASCII letters without their case.
    @_optimize(speed)
    func equalsIgnoringCase(_ other: Bytes) -> Bool {
        guard count == other.count else { return false }
        // Header names begin alike (`content-`) and end differently.
        var index = count
        while index > 0 {
            index -= 1
            if self[index].lowercasedASCII != other[index].lowercasedASCII { return false }
        }
        return true
    }

    func hasPrefixIgnoringCase(_ prefix: StaticString) -> Bool {
        count >= prefix.utf8CodeUnitCount
            && slice(0, prefix.utf8CodeUnitCount).equalsIgnoringCase(prefix.bytes)
    }

    func contains(_ text: StaticString) -> Bool {
        var rest = self
        while rest.count >= text.utf8CodeUnitCount {
            if rest.slice(0, text.utf8CodeUnitCount).equals(text) { return true }
            rest = rest.slice(1, rest.count)
        }
        return false
    }

    func firstOffset(of byte: UInt8) -> Int? {
        guard let baseAddress else { return nil }
        let offset = shim_first_offset(baseAddress, byte, count)
        return offset < count ? offset : nil
    }

    func lastOffset(of byte: UInt8) -> Int? {
        var index = count
        while index > 0 {
            index -= 1
            if self[index] == byte { return index }
        }
        return nil
    }

    /// Without the spaces and tabs (and line ends) around it.
    /// Nothing but white space.
    var isBlank: Bool {
        for index in 0..<count where !self[index].isASCIIWhitespace { return false }
        return true
    }

    var trimmed: Bytes {
        var start = 0
        var end = count
        while start < end, self[start].isASCIIWhitespace { start += 1 }
        while end > start, self[end - 1].isASCIIWhitespace { end -= 1 }
        return slice(start, end)
    }

    /// Whether it begins as HTML or XML does.
    var isMarkup: Bool {
        let content = withoutByteOrderMark.trimmed
        guard content.count >= 2, content[0] == UInt8(ascii: "<") else { return false }
        switch content[1] {
        case UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return true
        default: return false
        }
    }

    /// Whether it begins as an object or a list of JSON does.
    var isLikeJSON: Bool {
        contentStart == UInt8(ascii: "{") || contentStart == UInt8(ascii: "[")
    }

    /// The first byte behind white space and a byte order mark.
    private var contentStart: UInt8? { withoutByteOrderMark.trimmed.first }

    var withoutByteOrderMark: Bytes {
        slice(0, 3).equals("\u{FEFF}") ? slice(3, count) : self
    }

    private func isASCII(eightFrom offset: Int) -> Bool {
        guard count - offset >= 8, let base = baseAddress else { return false }
        let eight = UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
        return eight & 0x8080_8080_8080_8080 == 0
    }

    /// The offset of the first byte that is not part of well-formed UTF-8.
    var firstIllFormedUTF8Offset: Int? {
        var offset = 0
        while offset < count {
            if self[offset] < 0x80 {
                offset += isASCII(eightFrom: offset) ? 8 : 1
                continue
            }
            let length = UTF8Sequence.length(in: self, at: offset)
            if length == 0 { return offset }
            offset += length
        }
        return nil
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 {
        self >= 0x41 && self <= 0x5A ? self | 0x20 : self
    }

    var isASCIIWhitespace: Bool {
        self == 0x20 || (self >= 0x09 && self <= 0x0D)
    }

    var isASCIIDigit: Bool {
        self >= 0x30 && self <= 0x39
    }

    var isControl: Bool {
        self < 0x20 || self == 0x7F
    }
}

extension StaticString {
    var bytes: Bytes {
        Bytes(start: utf8Start, count: utf8CodeUnitCount)
    }

    /// The text as C takes it; literals end with a NUL.
    var cText: UnsafePointer<CChar> {
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}

enum UTF8Sequence {
    /// The length of the well-formed sequence that starts at `offset`, 0 when it is ill-formed
    /// (overlong forms, surrogates and values above U+10FFFF are).
    static func length(in bytes: Bytes, at offset: Int) -> Int {
        let first = bytes[offset]
        if first < 0x80 { return 1 }
        let available = bytes.count - offset
        switch first {
        case 0xC2...0xDF:
            return available >= 2 && isContinuation(bytes[offset + 1]) ? 2 : 0
        case 0xE0...0xEF:
            guard available >= 3, isContinuation(bytes[offset + 1]),
                isContinuation(bytes[offset + 2])
            else { return 0 }
            let second = bytes[offset + 1]
            if first == 0xE0, second < 0xA0 { return 0 }
            if first == 0xED, second > 0x9F { return 0 }
            return 3
        case 0xF0...0xF4:
            guard available >= 4, isContinuation(bytes[offset + 1]),
                isContinuation(bytes[offset + 2]), isContinuation(bytes[offset + 3])
            else { return 0 }
            let second = bytes[offset + 1]
            if first == 0xF0, second < 0x90 { return 0 }
            if first == 0xF4, second > 0x8F { return 0 }
            return 4
        default:
            return 0
        }
    }

    private static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
