/// A field of a record, by its place in the reader's buffer.
struct CSVField {
    /// Behind the opening quote, where there is one.
    let start: Int
    let end: Int
    let quoting: Quoting

    enum Quoting {
        case none
        case quoted
        /// Quotes stand in it twice.
        case doubled
        /// Text stands behind the closing quote, or the quote is not closed: not RFC 4180. `start`
        /// and `end` are those of the field as it is written, quotes included.
        case malformed
    }
}

extension CSVField.Quoting {
    /// Appends what a field says that is written so.
    func append(_ raw: Bytes, to text: inout ByteBuffer) {
        switch self {
        case .none, .quoted: text.append(raw)
        case .doubled: Self.appendUndoubled(raw, to: &text)
        case .malformed: Self.appendMalformed(raw, to: &text)
        }
    }

    private static func appendUndoubled(_ raw: Bytes, to text: inout ByteBuffer) {
        var index = 0
        while index < raw.count {
            text.append(raw[index])
            index += raw[index] == UInt8(ascii: "\"") ? 2 : 1
        }
    }

    /// `"ab"cd` is read as abcd, and a quote that is not closed goes on to the end.
    private static func appendMalformed(_ raw: Bytes, to text: inout ByteBuffer) {
        var isInside = true
        var index = 1
        while index < raw.count {
            let byte = raw[index]
            if isInside, byte == UInt8(ascii: "\"") {
                if index + 1 < raw.count, raw[index + 1] == byte {
                    text.append(byte)
                    index += 1
                } else {
                    isInside = false
                }
            } else {
                text.append(byte)
            }
            index += 1
        }
    }
}
