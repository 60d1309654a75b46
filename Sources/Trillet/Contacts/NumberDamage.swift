/// What is wrong with a number that cannot be called, as far as its looks tell.
struct NumberDamage {
    let kind: RowProblem.Kind
    let message: Message
    /// What was certainly meant; it can be called.
    let number: PhoneNumber?
    private let advice: Message?

    var suggestion: Message? { number?.written ?? advice }

    init(of text: Bytes, _ reader: NumberReader) {
        let text = text.trimmed
        if let shown = NumberDamage.ofSpreadsheets(text, reader) {
            self = shown
        } else if let wrapped = NumberDamage.ofWrapping(text, reader) {
            self = wrapped
        } else if NumberShape.hasExtension(text) || BracketedEnd.find(in: text) != nil {
            self.init(
                .extensionNumber,
                "'\(text)' has an extension, which cannot be dialled",
                advice: "give the number alone"
            )
        } else {
            let shape = NumberShape(text)
            if shape.hasOtherCharacters || shape.digits.isEmpty && shape.plusCount == 0 {
                self.init(.notANumber, "'\(text)' is not a phone number")
            } else if shape.beginsWithPlus && shape.plusCount == 1 {
                self.init(international: text, shape, reader)
            } else if shape.plusCount > 0 {
                self.init(.notANumber, "'\(text)' has a plus where none can be")
            } else {
                self.init(national: text, shape, reader)
            }
        }
    }

    private init(
        _ kind: RowProblem.Kind,
        _ message: Message,
        _ number: PhoneNumber? = nil,
        advice: Message? = nil
    ) {
        self.kind = kind
        self.message = message
        self.number = number
        self.advice = advice
    }

    // MARK: Spreadsheets and data frames

    private static let fromSource: Message =
        "take the number from its source, and give the column the format Text"

    private static func ofSpreadsheets(_ text: Bytes, _ reader: NumberReader) -> NumberDamage? {
        if text.count == 0 { return NumberDamage(.missingNumber, "There is no phone number") }
        if NumberShape.isScientific(text) {
            return NumberDamage(
                .scientificNumber,
                """
                '\(text)' is a number that a spreadsheet has rounded; the digits it left out are lost
                """,
                advice: fromSource
            )
        }
        if NumberShape.isDate(text) {
            return NumberDamage(
                .date,
                "'\(text)' is a date; a spreadsheet may have made one of the number",
                advice: fromSource
            )
        }
        if let point = reader.decimalTail(of: text) {
            return NumberDamage(
                .decimalNumber,
                "'\(text)' ends like a decimal number, as spreadsheets and data frames write it",
                wholePart(of: text, point, reader),
                advice: "write the column as text"
            )
        }
        guard text[0] == UInt8(ascii: "#") else { return nil }
        if text.allSatisfy({ $0 == UInt8(ascii: "#") }) {
            return NumberDamage(
                .notANumber,
                "'\(text)' is what a spreadsheet shows when a column is too narrow",
                advice: "make the column wider, and save the file again"
            )
        }
        return NumberDamage(
            .notANumber,
            "'\(text)' is not a phone number; it looks like a formula that failed",
            advice: "correct the formula in the spreadsheet, and save the file again"
        )
    }

    private static func wholePart(
        of text: Bytes,
        _ point: Int,
        _ reader: NumberReader
    ) -> PhoneNumber? {
        let head = text.slice(0, point)
        let tail = text.slice(point + 1, text.count).trimmed
        // What a fraction was made of is not known, nor what 1.20256E+10 was before it was read.
        guard tail.allSatisfy({ $0 == UInt8(ascii: "0") }),
            !head.slice(max(0, head.count - 3), head.count).equals("000")
        else { return nil }
        // 00 may be the last group of a number.
        let mayBeGroup =
            text[point] == UInt8(ascii: ".") && tail.count > 1 && !NumberShape.isLiteral(head)
            && reader.canBeCalled(text)
        return mayBeGroup ? nil : meant(by: head, reader)
    }

    // MARK: What stands around a number

    private static func ofWrapping(_ text: Bytes, _ reader: NumberReader) -> NumberDamage? {
        if isMark(text[0]) {
            var rest = Bytes(rebasing: text.drop { isMark($0) })
            while let last = rest.last, isMark(last) { rest = rest.slice(0, rest.count - 1) }
            return NumberDamage(
                .notANumber,
                "'\(text)' begins with the mark that spreadsheets put before text, or a quotation mark",
                meant(by: rest, reader)
            )
        }
        if let inner = formulaText(text) {
            return NumberDamage(
                .notANumber,
                "'\(text)' is a formula; the number alone must stand there",
                meant(by: inner, reader)
            )
        }
        if let inner = linkTarget(text) {
            return NumberDamage(
                .notANumber,
                "'\(text)' is a link; the number is what stands behind the colon",
                meant(by: inner, reader)
            )
        }
        guard let plain = LookalikeCharacters.replaced(in: text) else { return nil }
        return NumberDamage(
            .notANumber,
            """
            '\(text)' has a character that no number has, even if it looks like a usual one or like \
            none: \(plain.character)
            """,
            plain.text.withUnsafeBufferPointer { meant(by: $0, reader) }
        )
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "`")
    }

    /// `="+12025550164"`, `=+12025550164`. With dashes, `=+49-30-901820`, it would be a calculation.
    private static func formulaText(_ text: Bytes) -> Bytes? {
        guard text.count > 3, text[0] == UInt8(ascii: "=") else { return nil }
        let inner = text.slice(1, text.count)
        if NumberShape.isLiteral(inner) { return inner }
        guard inner[0] == UInt8(ascii: "\""), inner[inner.count - 1] == UInt8(ascii: "\"") else {
            return nil
        }
        return inner.slice(1, inner.count - 1)
    }

    /// `tel:+12025550164`
    private static func linkTarget(_ text: Bytes) -> Bytes? {
        for scheme in ["tel:", "callto:", "phone:"] as [StaticString]
        where text.hasPrefixIgnoringCase(scheme) {
            return text.slice(scheme.utf8CodeUnitCount, text.count)
        }
        return nil
    }

    /// Longer texts are no number in wrapping.
    private static let longestWrapped = 64

    /// The number that a text is without what stood around it.
    private static func meant(by text: Bytes, _ reader: NumberReader) -> PhoneNumber? {
        let text = text.trimmed
        guard text.count > 0, text.count <= longestWrapped else { return nil }
        if let reading = reader.read(text) { return reading.number }
        return NumberDamage(of: text, reader).number
    }

    // MARK: With a plus

    private init(international text: Bytes, _ shape: NumberShape, _ reader: NumberReader) {
        let count = shape.digits.count
        guard shape.zeros == 0 || count == 0 else {
            self.init(.badCountry, "'\(text)' has a 0 behind the plus; no country code begins so")
            return
        }
        guard count <= PhoneNumber.mostDigits else {
            self.init(
                .tooLong,
                "'\(text)' has \(count) digits; a number has at most \(PhoneNumber.mostDigits)"
            )
            return
        }
        guard let number = PhoneNumber.read(text) else {
            self.init(
                .tooShort,
                "'\(text)' has \(count) digits; a number has at least \(PhoneNumber.fewestDigits)"
            )
            return
        }
        self.init(faultOf: number, text, reader.plan)
    }

    private init(faultOf number: PhoneNumber, _ text: Bytes, _ plan: NumberingPlan) {
        let code = plan.code(of: number)
        switch plan.fault(of: number) {
        case .countryCode:
            self.init(.badCountry, "'\(text)' begins with no country code that is in use")
        case .trunkPrefix:
            self.init(
                .trunkPrefix,
                """
                '\(text)' has what is dialled within the country behind +\(code); from abroad it \
                calls nobody, or somebody else
                """,
                plan.withoutTrunkPrefix(number),
                advice: "leave it out"
            )
        case .areaCode:
            self.init(
                .areaCode,
                """
                '\(text)' cannot be called: behind +1, area code and exchange begin with 2 to 9
                """
            )
        case .tooShort:
            self.init(.tooShort, NumberDamage.length(of: number, text, plan))
        case .tooLong:
            self.init(.tooLong, NumberDamage.length(of: number, text, plan))
        }
    }

    private static func length(
        of number: PhoneNumber,
        _ text: Bytes,
        _ plan: NumberingPlan
    ) -> Message {
        """
        '\(text)' has \(number.count - plan.codeLength(of: number)) digits behind \
        +\(plan.code(of: number)); numbers of \(plan.name(of: number)) have \(plan.lengths(of: number))
        """
    }

    // MARK: Without one

    private init(national text: Bytes, _ shape: NumberShape, _ reader: NumberReader) {
        let count = shape.digits.count
        if let found = InternationalPrefix.read(shape.digits, reader.plan) {
            let isCertain = reader.national(text) == nil
            self.init(
                .noPlus,
                """
                '\(text)' begins with \(found.prefix) where the plus of an international number \
                must be
                """,
                isCertain ? found.number : nil
            )
        } else if let number = reader.national(text) {
            self.init(
                .nationalNumber,
                "'\(text)' is written as within the country; the country code is missing",
                number
            )
        } else if shape.zeros == 2 {
            self.init(
                .noPlus,
                "'\(text)' begins with 00 where the plus of an international number must be"
            )
        } else if shape.zeros > 0 {
            self.init(
                .nationalNumber,
                "'\(text)' begins with 0, as numbers do within a country",
                advice: "+, the country code, and the number without the 0"
            )
        } else if count > PhoneNumber.mostDigits {
            self.init(
                .tooLong,
                "'\(text)' has \(count) digits; a number has at most \(PhoneNumber.mostDigits)"
            )
        } else if count >= PhoneNumber.fewestDigits {
            self.init(
                .noPlus,
                "'\(text)' does not begin with +; a spreadsheet may have taken it away",
                NumberDamage.withLostPlus(shape.digits, reader.plan),
                advice: "+, the country code, and the number"
            )
        } else {
            self.init(
                .tooShort,
                "'\(text)' has \(count) digits; a number has at least \(PhoneNumber.fewestDigits)"
            )
        }
    }

    /// The number that digits without a plus were, where they cannot be one as within a country.
    ///
    /// Ten digits are a whole number in many countries. Eleven that begin with 13 to 19 are a mobile
    /// of China or one of Germany that lost its 0, with 8 a number of Russia, with 9 in the third
    /// place a mobile of Brazil.
    private static func withLostPlus(_ digits: [UInt8], _ plan: NumberingPlan) -> PhoneNumber? {
        let isNorthAmerican = digits[0] == UInt8(ascii: "1") && digits[1] == UInt8(ascii: "2")
        let isLong = digits.count > 11 && digits[0] != UInt8(ascii: "8")
        guard isLong || digits.count == 11 && isNorthAmerican else { return nil }
        return PhoneNumber.international(digits).flatMap { plan.country(of: $0) == nil ? nil : $0 }
    }
}
