/// A phone number as a contact file has it.
enum PhoneNumber {
    /// The digits behind the plus as one number: fifteen digits fit, and nothing begins with 0.
    struct Normalized {
        let digits: UInt64
        let count: Int

        /// The first three digits, by which the country is found.
        var prefix: Int {
            var value = digits
            for _ in 3..<count { value /= 10 }
            return Int(value)
        }

        func append(to text: inout ByteBuffer) {
            text.append(UInt8(ascii: "+"))
            text.append(decimal: UInt(digits))
        }
    }

    static let fewestDigits = 7
    static let mostDigits = 15

    /// `+` and 7 to 15 digits that do not begin with 0, with spaces, dashes, dots and brackets
    /// among them; nil for anything else.
    @_optimize(speed)
    static func normalize(_ text: Bytes) -> Normalized? {
        guard text.count > fewestDigits, text[0] == UInt8(ascii: "+") else {
            return normalizeSeparated(text)
        }
        guard text.count <= mostDigits + 1, let base = text.baseAddress else {
            return normalizeSeparated(text)
        }
        var value: UInt64 = 0
        for index in 1..<text.count {
            let digit = base[index] &- UInt8(ascii: "0")
            if digit > 9 { return normalizeSeparated(text) }
            value = value &* 10 &+ UInt64(digit)
        }
        return base[1] == UInt8(ascii: "0") ? nil : Normalized(digits: value, count: text.count - 1)
    }

    private static func normalizeSeparated(_ text: Bytes) -> Normalized? {
        var value: UInt64 = 0
        var count = 0
        var hasPlus = false
        for byte in text {
            if byte.isASCIIDigit {
                guard hasPlus, count < mostDigits, count > 0 || byte != UInt8(ascii: "0") else {
                    return nil
                }
                value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
                count += 1
            } else if byte == UInt8(ascii: "+") {
                if hasPlus { return nil }
                hasPlus = true
            } else if !isSeparator(byte) {
                return nil
            }
        }
        // Taken for a separator, the point of +12025550164.0 would make another number of it.
        guard count >= fewestDigits, decimalPoint(in: text.trimmed) == nil else { return nil }
        return Normalized(digits: value, count: count)
    }

    /// Where the point is in a number that a spreadsheet or a data frame took for a decimal one:
    /// `12025550164.0`, also with a plus, a comma, or two zeros.
    static func decimalPoint(in text: Bytes) -> Int? {
        var point = text.count
        while point > 0, text[point - 1] == UInt8(ascii: "0") { point -= 1 }
        let zeros = text.count - point
        guard zeros == 1 || zeros == 2, point > fewestDigits else { return nil }
        point -= 1
        guard text[point] == UInt8(ascii: ".") || text[point] == UInt8(ascii: ",") else {
            return nil
        }
        let start = text[0] == UInt8(ascii: "+") ? 1 : 0
        let isNumber = text.slice(start, point).allSatisfy { $0.isASCIIDigit }
        return isNumber && point - start >= fewestDigits ? point : nil
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
