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
        }
    }
}
