/// What a text is made of.
struct NumberShape {
    var digits: [UInt8] = []
    var plusCount = 0
    var beginsWithPlus = false
    /// How many zeros the digits begin with.
    var zeros = 0
    var hasOtherCharacters = false

    init(_ text: Bytes) {
        beginsWithPlus = text.count > 0 && text[0] == UInt8(ascii: "+")
        for byte in text {
            if byte.isASCIIDigit {
                digits.append(byte)
            } else if byte == UInt8(ascii: "+") {
                plusCount += 1
            } else if !PhoneNumber.isSeparator(byte) {
                hasOtherCharacters = true
            }
        }
        while zeros < digits.count, digits[zeros] == UInt8(ascii: "0") { zeros += 1 }
    }

    /// Digits, with a plus before them or not, as programs write a number.
    static func isLiteral(_ text: Bytes) -> Bool {
        let start = text.count > 0 && text[0] == UInt8(ascii: "+") ? 1 : 0
        return text.count > start
            && text.slice(start, text.count).allSatisfy { $0.isASCIIDigit }
    }

    /// Whether the last digits are one group of several, as before the point of `+44 20 7183.8750`, and
    /// not most of a number.
    static func endsInGroup(_ text: Bytes) -> Bool {
        let longestGroup = 4
        var start = text.count
        while start > 0, text[start - 1].isASCIIDigit { start -= 1 }
        let isOneOfSeveral = text.slice(0, start).contains { $0.isASCIIDigit }
        return isOneOfSeveral && text.count - start <= longestGroup
    }

    /// `4.41E+11`, also with a decimal comma.
    static func isScientific(_ text: Bytes) -> Bool {
        guard
            let exponent = text.firstOffset(of: UInt8(ascii: "E"))
                ?? text.firstOffset(of: UInt8(ascii: "e")), exponent > 0
        else { return false }
        let mantissa = text.slice(0, exponent)
        var power = text.slice(exponent + 1, text.count)
        if power.count > 0, power[0] == UInt8(ascii: "+") || power[0] == UInt8(ascii: "-") {
            power = power.slice(1, power.count)
        }
        let isMantissa = mantissa.allSatisfy {
            $0.isASCIIDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ",")
                || $0 == UInt8(ascii: "+")
        }
        return isMantissa && power.count > 0 && power.count <= 3
            && power.allSatisfy { $0.isASCIIDigit }
    }

    /// `2031-04-02`, `02/04/2031`, `02.04.2031`, `4/2/31`, `12-Jan`, `Jan-31`.
    static func isDate(_ text: Bytes) -> Bool {
        var parts: [Bytes] = []
        var start = 0
        let separator = text.first {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard let separator, text.count <= 19 else { return false }
        let day = text.slice(0, text.firstOffset(of: UInt8(ascii: " ")) ?? text.count)
        for index in 0..<day.count where day[index] == separator {
            parts.append(day.slice(start, index))
            start = index + 1
        }
        parts.append(day.slice(start, day.count))
        guard parts.count == 2 || parts.count == 3 else { return false }
        let areNumbers = parts.allSatisfy { part in
            part.count >= 1 && part.count <= 4 && part.allSatisfy { $0.isASCIIDigit }
        }
        if areNumbers { return parts.count == 3 && isYearMonthDay(parts, separator) }
        return parts.contains { isMonth($0) }
            && parts.allSatisfy { part in
                isMonth(part) || (part.count >= 1 && part.allSatisfy { $0.isASCIIDigit })
            }
    }

    /// 555-01-64 is no date; with dashes and dots the year must show.
    private static func isYearMonthDay(_ parts: [Bytes], _ separator: UInt8) -> Bool {
        if separator == UInt8(ascii: "/") { return parts[0].count <= 2 || parts[0].count == 4 }
        return parts[0].count == 4 && parts[1].count <= 2 && parts[2].count <= 2
            || parts[2].count == 4 && parts[0].count <= 2 && parts[1].count <= 2
    }

    private static func isMonth(_ text: Bytes) -> Bool {
        guard text.count >= 3, text.count <= 9 else { return false }
        let names: StaticString = "janfebmaraprmayjunjulaugsepoctnovdec"
        for month in 0..<12 {
            let name = names.bytes.slice(month * 3, month * 3 + 3)
            if text.slice(0, 3).equalsIgnoringCase(name) {
                return text.allSatisfy { $0.lowercasedASCII >= 0x61 && $0.lowercasedASCII <= 0x7A }
            }
        }
        return false
    }

    /// `+12025550164 x5`, `ext. 5`, `#5`.
    static func hasExtension(_ text: Bytes) -> Bool {
        var digits = 0
        for index in 0..<text.count {
            let byte = text[index].lowercasedASCII
            if byte.isASCIIDigit { digits += 1 }
            if digits >= 7, byte == UInt8(ascii: "x") || byte == UInt8(ascii: "#") {
                return text.slice(index, text.count).contains { $0.isASCIIDigit }
            }
        }
        return false
    }
}
