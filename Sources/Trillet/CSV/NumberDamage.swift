/// What is wrong with a number that is none, as far as its looks tell.
struct NumberDamage {
    let kind: RowProblem.Kind
    let message: Message
    let suggestion: Message?

    /// `countries` is the index of `CallingCodes`.
    init(of text: Bytes, countries: [UInt16]) {
        let text = text.trimmed
        let shape = Shape(text)
        if text.count == 0 {
            self.init(.missingNumber, "There is no phone number")
        } else if shape.isScientific {
            self.init(
                .scientificNumber,
                """
                '\(text)' is a number that a spreadsheet has rounded; the digits it left out are lost
                """,
                "take the number from its source, and give the column the format Text"
            )
        } else if shape.isDate {
            self.init(
                .date,
                "'\(text)' is a date; a spreadsheet may have made one of the number",
                "take the number from its source, and give the column the format Text"
            )
        } else if shape.endsInDecimalZero {
            self.init(
                .decimalNumber,
                "'\(text)' ends like a decimal number, as spreadsheets and data frames write it",
                NumberDamage.dialable(shape.digitsBeforePoint, countries)
            )
        } else if text[0] == UInt8(ascii: "#") {
            self.init(spreadsheetError: text)
        } else if shape.hasExtension {
            self.init(
                .extensionNumber,
                "'\(text)' has an extension, which cannot be dialled",
                "give the number alone"
            )
        } else if text[0] == UInt8(ascii: "'") {
            self.init(
                .notANumber,
                "'\(text)' begins with the mark that spreadsheets put before text",
                NumberDamage.dialable(withoutMark: text, countries)
            )
        } else if let plain = LookalikeCharacters.replaced(in: text) {
            self.init(
                .notANumber,
                """
                '\(text)' has a character that looks like a usual one, or like none, but is another: \
                \(plain.character)
                """,
                NumberDamage.dialable(plain.text, countries)
            )
        } else if shape.hasOtherCharacters || shape.digits.isEmpty && shape.plusCount == 0 {
            self.init(.notANumber, "'\(text)' is not a phone number")
        } else {
            self.init(digitsOf: text, shape, countries)
        }
    }

    private init(spreadsheetError text: Bytes) {
        if text.allSatisfy({ $0 == UInt8(ascii: "#") }) {
            self.init(
                .notANumber,
                "'\(text)' is what a spreadsheet shows when a column is too narrow",
                "make the column wider, and save the file again"
            )
        } else {
            self.init(
                .notANumber,
                "'\(text)' is not a phone number; it looks like a formula that failed",
                "correct the formula in the spreadsheet, and save the file again"
            )
        }
    }

    private init(digitsOf text: Bytes, _ shape: Shape, _ countries: [UInt16]) {
        let digits = shape.digits
        let count = digits.count
        if shape.plusCount > 1 || (shape.plusCount == 1 && !shape.beginsWithPlus) {
            self.init(.notANumber, "'\(text)' has a plus where none can be")
        } else if !shape.beginsWithPlus, shape.zeros == 2 {
            self.init(
                .noPlus,
                "'\(text)' begins with 00 where the plus of an international number must be",
                NumberDamage.dialable(Array(digits.dropFirst(2)), countries)
            )
        } else if !shape.beginsWithPlus, shape.zeros > 0 {
            self.init(
                .nationalNumber,
                "'\(text)' begins with 0, as numbers do within a country",
                "+, the country code, and the number without the 0"
            )
        } else if count > PhoneNumber.mostDigits {
            self.init(
                .tooLong,
                "'\(text)' has \(count) digits; a number has at most \(PhoneNumber.mostDigits)"
            )
        } else if !shape.beginsWithPlus, count >= PhoneNumber.fewestDigits {
            // Up to ten digits are more probably a number as within a country.
            let international = count > 10 ? NumberDamage.dialable(digits, countries) : nil
            self.init(
                .noPlus,
                "'\(text)' does not begin with +; a spreadsheet may have taken it away",
                international ?? "+, the country code, and the number"
            )
        } else if shape.zeros > 0 {
            self.init(.badCountry, "'\(text)' has a 0 behind the plus; no country code begins so")
        } else {
            self.init(
                .tooShort,
                "'\(text)' has \(count) digits; a number has at least \(PhoneNumber.fewestDigits)"
            )
        }
    }

    private init(_ kind: RowProblem.Kind, _ message: Message, _ suggestion: Message? = nil) {
        self.kind = kind
        self.message = message
        self.suggestion = suggestion
    }

    // MARK: Suggestions

    /// The number with its plus, if it is one that could be called: a suggestion must not need a
    /// suggestion.
    private static func dialable(_ text: [UInt8], _ countries: [UInt16]) -> Message? {
        let start = text.first { !PhoneNumber.isSeparator($0) }
        let withPlus = start == UInt8(ascii: "+") ? text : [UInt8(ascii: "+")] + text
        let number = withPlus.withUnsafeBufferPointer { PhoneNumber.normalize($0.trimmed) }
        guard let number, countries[number.prefix] > 0 else { return nil }
        var normalized = ByteBuffer()
        number.append(to: &normalized)
        return Message(normalized.bytes)
    }

    private static func dialable(withoutMark text: Bytes, _ countries: [UInt16]) -> Message? {
        let number = Array(text).drop { $0 == UInt8(ascii: "'") }
        guard number.first == UInt8(ascii: "+") else { return nil }
        return dialable(Array(number), countries)
    }
}

/// What a text is made of.
private struct Shape {
    var digits: [UInt8] = []
    var plusCount = 0
    var beginsWithPlus = false
    /// How many zeros the digits begin with.
    var zeros = 0
    var hasOtherCharacters = false
    var isScientific = false
    var isDate = false
    var hasExtension = false
    var endsInDecimalZero = false
    var digitsBeforePoint: [UInt8] = []

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
        isScientific = Shape.isScientific(text)
        isDate = Shape.isDate(text)
        hasExtension = Shape.hasExtension(text)
        if let point = PhoneNumber.decimalPoint(in: text) {
            endsInDecimalZero = true
            digitsBeforePoint = Array(text.slice(0, point))
        }
    }

    /// `4.41E+11`, also with a decimal comma.
    private static func isScientific(_ text: Bytes) -> Bool {
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
    private static func isDate(_ text: Bytes) -> Bool {
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
    private static func hasExtension(_ text: Bytes) -> Bool {
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
