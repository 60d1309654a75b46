/// Why a text is not the JSON that it should be, and where.
struct JSONError: Error {
    let reason: Reason
    /// Bytes from the start of the text.
    let offset: Int

    enum Reason {
        case unexpectedEnd
        case unexpectedByte
        case trailingText
        case controlCharacter
        case illFormedUTF8
        case illFormedEscape
        case loneSurrogate
        case illFormedNumber
        case tooDeep
        case byteOrderMark
        case otherEncoding

        /// By the byte order mark that a text begins with; nil when it has none.
        init?(markOf text: Bytes) {
            if text.slice(0, 3).equals("\u{FEFF}") {
                self = .byteOrderMark
            } else if text.count >= 2, text[0] ^ text[1] == 0x01, min(text[0], text[1]) == 0xFE {
                self = .otherEncoding
            } else {
                return nil
            }
        }
    }

    var explanation: StaticString {
        switch reason {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedByte: "unexpected character"
        case .trailingText: "text after the end of the value"
        case .controlCharacter: "control character in a string, write it as an escape"
        case .illFormedUTF8: "ill-formed UTF-8"
        case .illFormedEscape: "ill-formed escape in a string"
        case .loneSurrogate: "surrogate escape without its other half"
        case .illFormedNumber: "ill-formed number"
        case .tooDeep: "nested deeper than 512 levels"
        case .byteOrderMark: "a byte order mark (U+FEFF) stands in front of the JSON"
        case .otherEncoding: "the text is UTF-16 with a byte order mark, and must be UTF-8"
        }
    }
}
