/// The text of an error, written with interpolation: `"'\(name)' must be a string"`.
///
/// Swift's `String` would bring Unicode tables into a library that only ever copies bytes.
struct Message: ExpressibleByStringInterpolation, Sendable {
    typealias StringLiteralType = StaticString

    private(set) var bytes: [UInt8]

    /// Longest quotation of a value in a message: an error is read by a person, and a 1 MB
    /// string in it helps nobody.
    private static let longestQuotation = 120

    @inline(never)
    init(stringLiteral value: StaticString) {
        bytes = Array(value.bytes)
    }

    init(stringInterpolation: StringInterpolation) {
        bytes = stringInterpolation.bytes
    }

    /// A text at its full length, where an interpolation would cut it.
    init(whole bytes: [UInt8]) {
        self.bytes = bytes
    }

    @inline(never)
    init(_ bytes: Bytes) {
        self.bytes = Array(bytes)
    }

    struct StringInterpolation: StringInterpolationProtocol {
        typealias StringLiteralType = StaticString

        fileprivate var bytes: [UInt8] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            bytes.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        @inline(never)
        mutating func appendLiteral(_ literal: StaticString) {
            bytes.append(contentsOf: literal.bytes)
        }

        @inline(never)
        mutating func appendInterpolation(_ text: StaticString) {
            bytes.append(contentsOf: text.bytes)
        }

        @inline(never)
        mutating func appendInterpolation(_ message: Message) {
            bytes.append(contentsOf: message.bytes)
        }

        @inline(never)
        mutating func appendInterpolation(_ value: Int) {
            if value < 0 { bytes.append(UInt8(ascii: "-")) }
            var divisor: UInt = 1
            while value.magnitude / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                let digit = value.magnitude / divisor % 10
                bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit))
                divisor /= 10
            }
        }

        /// Text from outside, cut to a length that a person reads, never inside a character.
        @inline(never)
        mutating func appendInterpolation(_ text: Bytes) {
            guard text.count > Message.longestQuotation else {
                bytes.append(contentsOf: text)
                return
            }
            var end = Message.longestQuotation
            while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
            bytes.append(contentsOf: text.slice(0, end))
            bytes.append(contentsOf: ("…" as StaticString).bytes)
        }
    }
}
