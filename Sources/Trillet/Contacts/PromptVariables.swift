/// The variables of a flow's prompt: `{first_name}`, `{First Name}`, `{contact.first-name}`.
///
/// A name has letters, digits, and `_`, `-`, `.` or spaces among them; spaces around it do not
/// count. Braces with anything else between them are text, JSON for example.
enum PromptVariables {
    static func names(in prompt: [UInt8]) -> [[UInt8]] {
        var names: [[UInt8]] = []
        var start: Int?
        for (index, byte) in prompt.enumerated() {
            if byte == UInt8(ascii: "{") {
                start = index + 1
            } else if byte == UInt8(ascii: "}"), let begin = start {
                let name = prompt[begin..<index].withUnsafeBufferPointer { Array($0.trimmed) }
                if name.contains(where: { isLetter($0) }) { names.append(name) }
                start = nil
            } else if !isNameByte(byte) {
                start = nil
            }
        }
        return names
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 0x80 || byte.isASCIIDigit
            || (byte.lowercasedASCII >= 0x61 && byte.lowercasedASCII <= 0x7A)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: " ")
    }
}
