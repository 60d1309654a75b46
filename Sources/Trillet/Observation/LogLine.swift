/// A line of the log under construction, in logfmt: `event=retry attempt=2 message="no route"`.
///
/// What the library writes itself (names, numbers) stands as it is. Text from outside is masked,
/// cut, and quoted where it must be, so that it can neither end the line nor forge another pair.
struct LogLine: ~Copyable {
    private var text: ByteBuffer
    private let mask: SecretMask

    /// More of a message does not help whoever reads the line.
    private static let longestText = 512
    /// What lies behind the cut decides whether digits in front of it are a phone number.
    private static let lookahead = 128

    init(_ event: StaticString, mask: SecretMask = SecretMask()) {
        self.mask = mask
        text = ByteBuffer(capacity: 256)
        text.append("event=")
        text.append(event)
    }

    /// A word of the library's own.
    mutating func add(_ key: StaticString, _ word: StaticString) {
        append(key: key)
        text.append(word)
    }

    mutating func add(_ key: StaticString, _ number: Int) {
        append(key: key)
        text.append(decimal: number)
    }

    mutating func add(_ key: StaticString, _ number: UInt64) {
        append(key: key)
        text.append(decimal: UInt(number))
    }

    /// Milliseconds with one decimal; the key's name ends in `_ms`.
    mutating func add(_ key: StaticString, microseconds: Int64) {
        append(key: key)
        text.append(millisecondsOf: microseconds, decimals: 1)
    }

    mutating func add(_ key: StaticString, text message: Message) {
        message.bytes.withUnsafeBufferPointer { add(key, text: $0) }
    }

    /// Text from outside: a message, a path, what the service said.
    mutating func add(_ key: StaticString, text outside: Bytes) {
        append(key: key)
        let limit = LogLine.longestText + LogLine.lookahead
        var masked = ByteBuffer(capacity: limit + 3)
        mask.append(outside, to: &masked, limit: limit)
        PhoneNumberMask.apply(to: masked)
        text.append(logfmtValue: masked.bytes, longest: LogLine.longestText)
    }

    private mutating func append(key: StaticString) {
        text.append(UInt8(ascii: " "))
        text.append(key)
        text.append(UInt8(ascii: "="))
    }

    /// The line as C text, which the receiver frees; nil when memory ran out.
    consuming func finish() -> UnsafeMutablePointer<CChar>? {
        text.detach()
    }
}

extension ByteBuffer {
    /// Appends a value of a key=value pair, in quotes where it would not stand alone. Everything
    /// that ends a line, moves a terminal's cursor or turns the direction of text is escaped as in
    /// JSON, and ill-formed UTF-8 becomes U+FFFD. What is cut off shows as an ellipsis.
    mutating func append(logfmtValue value: Bytes, longest: Int) {
        if value.count > 0, value.count <= longest, value.allSatisfy({ $0.isBareLogfmt }) {
            append(value)
            return
        }
        append(UInt8(ascii: "\""))
        var plainStart = 0
        var offset = 0
        var isCut = false
        while offset < value.count {
            if value[offset].isBareLogfmt || value[offset] == UInt8(ascii: " "), offset < longest {
                offset += 1
                continue
            }
            let character = EscapedCharacter.plain(in: value, at: offset)
            isCut = offset + character.length > longest
            if isCut { break }
            append(value.slice(plainStart, offset))
            if character.isUnsafeInLine {
                append(escapeOf: character.scalar)
            } else {
                append(scalar: character.scalar)
            }
            offset += character.length
            plainStart = offset
        }
        append(value.slice(plainStart, offset))
        if isCut { append("…") }
        append(UInt8(ascii: "\""))
    }

    private mutating func append(escapeOf scalar: UInt32) {
        append(UInt8(ascii: "\\"))
        switch scalar {
        case 0x22, 0x5C: append(scalar: scalar)
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            append(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] as [UInt32] {
                let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0x0F)
                append(hexadecimalDigit: digit, uppercase: false)
            }
        }
    }
}

extension UInt8 {
    fileprivate var isBareLogfmt: Bool {
        self > 0x20 && self < 0x7F && self != UInt8(ascii: "\"") && self != UInt8(ascii: "=")
            && self != UInt8(ascii: "\\")
    }
}

extension EscapedCharacter {
    /// Quotes and escapes; controls of both ranges; line and paragraph separators and the marks
    /// that turn or hide text, by which a log line can be made to look like another.
    fileprivate var isUnsafeInLine: Bool {
        switch scalar {
        case 0..<0x20, 0x22, 0x5C, 0x7F..<0xA0: true
        case 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF: true
        default: false
        }
    }
}
