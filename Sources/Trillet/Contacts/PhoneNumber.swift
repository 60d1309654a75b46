/// A phone number in E.164: at most fifteen digits behind the plus, and none begins with 0.
struct PhoneNumber {
    /// All digits as one number.
    let value: UInt64
    /// The first three digits, by which the country is found.
    let prefix: Int
    let count: Int

    static let fewestDigits = 7
    static let mostDigits = 15

    init(value: UInt64, prefix: Int, count: Int) {
        self.value = value
        self.prefix = prefix
        self.count = count
    }

    /// `powers` are those of ten, up to fifteen digits.
    init(country: UInt64, national: UInt64, digits: Int, powers: [UInt64]) {
        let codeLength = country < 10 ? 1 : country < 100 ? 2 : 3
        value = country * powers[digits] + national
        count = codeLength + digits
        prefix = count > 3 ? Int(value / powers[count - 3]) : Int(value)
    }

    func append(to text: inout ByteBuffer) {
        text.append(UInt8(ascii: "+"))
        text.append(decimal: UInt(value))
    }

    var written: Message {
        var text = ByteBuffer(capacity: 16)
        append(to: &text)
        return Message(text.bytes)
    }

    /// `+` and 7 to 15 digits that do not begin with 0, with spaces, dashes, dots and brackets
    /// among them; nil for anything else.
    @_optimize(speed)
    static func read(_ text: Bytes) -> PhoneNumber? {
        guard text.count > fewestDigits, text.count <= mostDigits + 1,
            text[0] == UInt8(ascii: "+"), let base = text.baseAddress
        else { return readSeparated(text) }
        var value: UInt64 = 0
        var prefix = 0
        for index in 1..<text.count {
            if index == 4 { prefix = Int(value) }
            let digit = base[index] &- UInt8(ascii: "0")
            if digit > 9 { return readSeparated(text) }
            value = value &* 10 &+ UInt64(digit)
        }
        guard base[1] != UInt8(ascii: "0") else { return nil }
        return PhoneNumber(value: value, prefix: prefix, count: text.count - 1)
    }

    private static func readSeparated(_ text: Bytes) -> PhoneNumber? {
        var value: UInt64 = 0
        var prefix = 0
        var count = 0
        var hasPlus = false
        for byte in text {
            if byte.isASCIIDigit {
                guard hasPlus, count < mostDigits, count > 0 || byte != UInt8(ascii: "0") else {
                    return nil
                }
                value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
                count += 1
                if count == 3 { prefix = Int(value) }
            } else if byte == UInt8(ascii: "+") {
                if hasPlus { return nil }
                hasPlus = true
            } else if !isSeparator(byte) {
                return nil
            }
        }
        guard count >= fewestDigits else { return nil }
        return PhoneNumber(value: value, prefix: prefix, count: count)
    }

    static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("),
            UInt8(ascii: ")"):
            true
        default: false
        }
    }
}
