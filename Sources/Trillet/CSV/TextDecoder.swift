import CTrillet

/// How the text of a file is stored.
enum TextEncoding {
    case utf8, utf16LittleEndian, utf16BigEndian, windows1252

    var name: StaticString {
        switch self {
        case .utf8: "UTF-8"
        case .utf16LittleEndian: "UTF-16LE"
        case .utf16BigEndian: "UTF-16BE"
        case .windows1252: "Windows-1252"
        }
    }
}

/// Makes UTF-8 of a text in another encoding, piece by piece.
///
/// What is no character comes out as a byte that UTF-8 does not have: the row with it is rejected.
struct TextDecoder: ~Copyable {
    private let encoding: TextEncoding
    private let stored: UnsafeMutablePointer<UInt8>
    private var start = 0
    private var end = 0
    /// What is left of a character for which there was not room enough: places behind `stored`.
    private var spillStart = TextDecoder.capacity
    private var spillEnd = TextDecoder.capacity

    private static let capacity = 64 * 1024
    private static let longestCharacter = 4
    private static let noCharacter: UInt8 = 0xFF

    /// Nil without memory.
    init?(_ encoding: TextEncoding) {
        guard let block = shim_reallocate(nil, TextDecoder.capacity + TextDecoder.longestCharacter)
        else { return nil }
        stored = block.assumingMemoryBound(to: UInt8.self)
        self.encoding = encoding
    }

    deinit {
        shim_deallocate(stored)
    }

    /// Where further bytes go.
    mutating func makeRoom() -> (start: UnsafeMutablePointer<UInt8>, count: Int) {
        if start > 0 {
            if end > start { shim_move(stored, stored + start, end - start) }
            end -= start
            start = 0
        }
        return (stored + end, TextDecoder.capacity - end)
    }

    mutating func add(_ count: Int) { end += count }

    /// How many bytes came out; 0 when there is no whole character.
    mutating func decode(into buffer: UnsafeMutablePointer<UInt8>, count: Int) -> Int {
        var output = UTF8Output(buffer, count)
        spill(into: &output)
        while output.room >= TextDecoder.longestCharacter, let scalar = next() {
            output.append(scalar)
        }
        // Nothing at all would look like the end of the text.
        if output.count == 0, count > 0, count < TextDecoder.longestCharacter, let scalar = next() {
            var character = UTF8Output(stored + TextDecoder.capacity, TextDecoder.longestCharacter)
            character.append(scalar)
            spillStart = TextDecoder.capacity
            spillEnd = spillStart + character.count
            spill(into: &output)
        }
        return output.count
    }

    private mutating func spill(into output: inout UTF8Output) {
        while spillStart < spillEnd, output.room > 0 {
            output.put(stored[spillStart])
            spillStart += 1
        }
    }

    /// The end of a text that breaks off within a character.
    mutating func finish(into buffer: UnsafeMutablePointer<UInt8>) -> Int {
        guard end > start else { return 0 }
        start = end
        buffer[0] = TextDecoder.noCharacter
        return 1
    }

    /// Nil when there must be more to know; a value beyond Unicode for what is no character.
    private mutating func next() -> UInt32? {
        switch encoding {
        case .windows1252:
            guard start < end else { return nil }
            start += 1
            return Windows1252.scalar(stored[start - 1])
        case .utf16LittleEndian, .utf16BigEndian, .utf8:
            guard let first = unit(0) else { return nil }
            guard first & 0xF800 == 0xD800 else {
                start += 2
                return UInt32(first)
            }
            guard first < 0xDC00 else {
                start += 2
                return UInt32.max
            }
            guard let second = unit(2) else { return nil }
            guard second & 0xFC00 == 0xDC00 else {
                start += 2
                return UInt32.max
            }
            start += 4
            return 0x10000 + (UInt32(first & 0x3FF) << 10 | UInt32(second & 0x3FF))
        }
    }

    private func unit(_ ahead: Int) -> UInt16? {
        guard start + ahead + 2 <= end else { return nil }
        let first = UInt16(stored[start + ahead])
        let second = UInt16(stored[start + ahead + 1])
        return encoding == .utf16BigEndian ? first << 8 | second : second << 8 | first
    }

    private struct UTF8Output {
        private let buffer: UnsafeMutablePointer<UInt8>
        private let capacity: Int
        private(set) var count = 0

        init(_ buffer: UnsafeMutablePointer<UInt8>, _ capacity: Int) {
            self.buffer = buffer
            self.capacity = capacity
        }

        var room: Int { capacity - count }

        mutating func append(_ scalar: UInt32) {
            switch scalar {
            case 0..<0x80:
                put(UInt8(truncatingIfNeeded: scalar))
            case 0x80..<0x800:
                put(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
                putContinuation(scalar)
            case 0x800..<0x10000:
                put(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
                putContinuation(scalar >> 6)
                putContinuation(scalar)
            case 0x10000..<0x110000:
                put(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
                putContinuation(scalar >> 12)
                putContinuation(scalar >> 6)
                putContinuation(scalar)
            default:
                put(TextDecoder.noCharacter)
            }
        }

        private mutating func putContinuation(_ bits: UInt32) {
            put(0x80 | UInt8(truncatingIfNeeded: bits & 0x3F))
        }

        mutating func put(_ byte: UInt8) {
            buffer[count] = byte
            count += 1
        }
    }
}

private enum Windows1252 {
    /// Of 0x80 to 0x9F; 0 where there is no character. The rest is as in Latin-1.
    private static let table: StaticString = """
        20AC0000201A0192201E20262020202102C62030016020390152\
        0000017D0000000020182019201C201D20222013201402DC2122\
        0161203A01530000017E0178
        """

    static func scalar(_ byte: UInt8) -> UInt32 {
        guard byte >= 0x80, byte < 0xA0 else { return UInt32(byte) }
        let place = Int(byte - 0x80) * 4
        var value: UInt32 = 0
        for digit in table.bytes.slice(place, place + 4) {
            let zero = digit.isASCIIDigit ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10
            let bits = digit - zero
            value = value << 4 | UInt32(bits)
        }
        return value == 0 ? UInt32.max : value
    }
}
