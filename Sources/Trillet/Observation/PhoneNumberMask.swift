/// Hides phone numbers in texts that come from outside: of each only the last two digits stay.
///
/// A number is a run of seven digits or more, with spaces, dots, dashes and parentheses between
/// them, and perhaps a plus in front; also where the text is JSON or a URL and spells some of
/// these as `\u002b` or `%2B`. What is left readable, since a log is of no use without:
///
/// - a run right behind a letter or an underscore, as in `batch_4402117`, when it has no plus and
///   less than ten digits;
/// - words of 16 hexadecimal digits and more, with a letter among them, and UUIDs;
/// - dates and times like `2031-04-02T09:15:00Z`, and IPv4 addresses.
///
/// In doubt it is a number: `1234567 bytes` loses its digits too.
/// docs/decisions.md, doubtful-digits.
struct PhoneNumberMask {
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    private static let fewestDigits = 7
    private static let fewestDigitsBehindLetter = 10
    private static let mostSeparators = 3

    private init(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    /// Puts asterisks into the content of `buffer`; its length stays.
    static func apply(to buffer: borrowing ByteBuffer) {
        let bytes = UnsafeMutableBufferPointer(start: buffer.start, count: buffer.count)
        PhoneNumberMask(bytes).apply()
    }

    private var text: Bytes { Bytes(bytes) }

    private func apply() {
        guard text.contains(where: { $0.isASCIIDigit }) else { return }
        var offset = 0
        var previous = Neighbour.other
        while offset < text.count {
            let character = character(at: offset)
            let kind = Neighbour(character.scalar)
            if kind == .alphanumeric, previous != .alphanumeric,
                let end = readableEnd(at: offset)
            {
                offset = end
                previous = .alphanumeric
            } else if character.isDigit || character.isPlus {
                offset = maskedEnd(at: offset, isBehindLetter: previous != .other)
                previous = .alphanumeric
            } else {
                offset += character.length
                previous = kind
            }
        }
    }

    /// Where the id, time or address ends that starts at `offset`, nil when none does or when it
    /// could as well be the start of a number: `2031-04-02 5550164`.
    private func readableEnd(at offset: Int) -> Int? {
        guard let end = ReadableToken.end(in: text, at: offset) else { return nil }
        return text[offset].isASCIIDigit && run(at: offset).end > end ? nil : end
    }

    /// Masks the number at `offset`. Returns where to go on: behind the number, or, when it is
    /// none, behind its plus and first digits.
    private func maskedEnd(at offset: Int, isBehindLetter: Bool) -> Int {
        let run = run(at: offset)
        let fewest =
            isBehindLetter && !run.hasPlus
            ? PhoneNumberMask.fewestDigitsBehindLetter : PhoneNumberMask.fewestDigits
        guard run.digits >= fewest else { return run.firstGroupEnd }
        var remaining = run.digits
        var position = offset
        while position < run.end {
            let character = character(at: position)
            if character.isDigit {
                if remaining > 2 { hide(position, character.length) }
                remaining -= 1
            }
            position += character.length
        }
        return run.end
    }

    private func hide(_ offset: Int, _ length: Int) {
        for index in offset..<offset + length { bytes[index] = UInt8(ascii: "*") }
    }

    private struct Run {
        var hasPlus = false
        var digits = 0
        var firstGroupEnd = 0
        var end = 0
    }

    /// The longest run of digits and separators, with `end` behind its last digit.
    private func run(at start: Int) -> Run {
        var run = Run()
        var offset = start
        let first = character(at: start)
        if first.isPlus {
            run.hasPlus = true
            run.firstGroupEnd = start + first.length
            guard let group = nextGroup(at: run.firstGroupEnd) else { return run }
            offset = group
        }
        var isFirstGroup = true
        while true {
            while offset < text.count {
                let character = character(at: offset)
                guard character.isDigit else { break }
                run.digits += 1
                offset += character.length
            }
            run.end = offset
            if isFirstGroup { run.firstGroupEnd = offset }
            isFirstGroup = false
            guard let group = nextGroup(at: offset) else { return run }
            offset = group
        }
    }

    /// The offset of the digit that follows after at most a few separators, nil when none does.
    private func nextGroup(at start: Int) -> Int? {
        var offset = start
        for _ in 0...PhoneNumberMask.mostSeparators {
            guard offset < text.count else { return nil }
            let character = character(at: offset)
            if character.isDigit { return offset }
            guard character.isSeparator else { return nil }
            offset += character.length
        }
        return nil
    }

    private func character(at offset: Int) -> EscapedCharacter {
        switch text[offset] {
        case UInt8(ascii: "\\"):
            if let escape = jsonEscape(at: offset) { return escape }
        case UInt8(ascii: "%"):
            if let escape = percentEscape(at: offset) { return escape }
        default: break
        }
        return EscapedCharacter.plain(in: text, at: offset)
    }

    /// Also where JSON stands within JSON, and has a backslash or three more.
    private func jsonEscape(at offset: Int) -> EscapedCharacter? {
        var last = offset
        while last - offset < 7, last + 1 < text.count, text[last + 1] == UInt8(ascii: "\\") {
            last += 1
        }
        guard let escape = EscapedCharacter.json(in: text, at: last) else { return nil }
        return EscapedCharacter(scalar: escape.scalar, length: last - offset + escape.length)
    }

    /// Also where it was encoded twice: `%252B`. Nobody encodes letters and digits; `%12` are more
    /// likely digits behind a sign.
    private func percentEscape(at offset: Int) -> EscapedCharacter? {
        var last = offset
        while text.slice(last + 1, last + 3).equals("25"), last + 4 < text.count,
            text[last + 3].hexadecimalValue != nil, text[last + 4].hexadecimalValue != nil
        {
            last += 2
        }
        guard last + 2 < text.count,
            let high = text[last + 1].hexadecimalValue,
            let low = text[last + 2].hexadecimalValue
        else { return nil }
        let escape = EscapedCharacter(
            scalar: UInt32(high << 4 | low),
            length: last - offset + 3
        )
        guard escape.scalar < 0x7F, escape.scalar >= 0x20 || escape.isWhitespace,
            Neighbour(escape.scalar) != .alphanumeric
        else { return nil }
        return escape
    }
}

/// What stands in front of a run of digits.
private enum Neighbour {
    case alphanumeric
    case underscore
    case other

    init(_ scalar: UInt32) {
        guard let byte = UInt8(exactly: scalar) else {
            self = .other
            return
        }
        if byte.isASCIILetter || byte.isASCIIDigit {
            self = .alphanumeric
        } else {
            self = byte == UInt8(ascii: "_") ? .underscore : .other
        }
    }
}

extension EscapedCharacter {
    fileprivate var isDigit: Bool { scalar >= 0x30 && scalar <= 0x39 }
    fileprivate var isPlus: Bool { scalar == 0x2B }
    fileprivate var isWhitespace: Bool { scalar == 0x20 || scalar >= 0x09 && scalar <= 0x0D }

    /// What people write between the digits of a number, typographic spaces and dashes included.
    fileprivate var isSeparator: Bool {
        switch scalar {
        case 0x20, 0x28, 0x29, 0x2D, 0x2E: true
        case 0xA0, 0xAD, 0x2007...0x2015, 0x202F, 0x2212: true
        default: false
        }
    }
}
