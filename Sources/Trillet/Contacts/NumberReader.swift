/// Reads the numbers of a contact file: those that can be called as they stand, and with
/// `assumeCountry` those that are written as within that country.
struct NumberReader {
    struct Reading {
        let number: PhoneNumber
        /// In `CallingCodes`.
        let country: Int
        /// The country code is that of `defaultCountry`.
        var isAssumed = false
    }

    let plan: NumberingPlan
    let defaultCountry: CountryNumbers?
    private let assumesCountry: Bool

    init(_ options: CheckOptions, _ countries: [CallingCodes.Entry]) {
        plan = NumberingPlan(countries, knowsLengths: options.knowsLengths)
        defaultCountry = options.defaultCountry
        assumesCountry = options.assumesCountry
    }

    /// Nil for what must not be called; `NumberDamage` says why.
    @_optimize(speed)
    func read(_ text: Bytes) -> Reading? {
        guard let number = PhoneNumber.read(text), let country = plan.country(of: number) else {
            return assumesCountry ? readNational(text) : nil
        }
        // Plus and digits alone, as nearly all are.
        if text.count == number.count + 1 { return Reading(number: number, country: country) }
        return isWhole(text) ? Reading(number: number, country: country) : nil
    }

    /// Separators that mean something end a number: what is behind them is not to be dialled.
    private func isWhole(_ text: Bytes) -> Bool {
        decimalTail(of: text) == nil && BracketedEnd.find(in: text) == nil
    }

    private func readNational(_ text: Bytes) -> Reading? {
        guard let number = national(text), !mayBeInternational(text, number),
            let country = plan.country(of: number)
        else { return nil }
        return Reading(number: number, country: country, isAssumed: true)
    }

    /// What a number without a plus calls within the default country.
    func national(_ text: Bytes) -> PhoneNumber? {
        text.count <= NumberReader.longestNational && isWhole(text) && !NumberShape.isDate(text)
            ? nationalDigits(text) : nil
    }

    private func nationalDigits(_ text: Bytes) -> PhoneNumber? {
        guard let defaultCountry else { return nil }
        var digits: [UInt8] = []
        for byte in text {
            if byte.isASCIIDigit {
                digits.append(byte)
            } else if !PhoneNumber.isSeparator(byte) {
                return nil
            }
        }
        return digits.withUnsafeBufferPointer { defaultCountry.international($0, plan) }
    }

    /// The digits may also be another number behind what is dialled before international ones.
    private func mayBeInternational(_ text: Bytes, _ number: PhoneNumber) -> Bool {
        let other = InternationalPrefix.read(NumberShape(text).digits, plan)
        return other != nil && other?.number.value != number.value
    }

    private static let longestNational = 40

    /// Where the point or comma is behind which no digits of the number can be: `12025550164.0`, `.5`,
    /// `+44 20 7183 8750,00`.
    func decimalTail(of text: Bytes) -> Int? {
        guard let point = DecimalTail.find(in: text) else { return nil }
        let tail = text.slice(point + 1, text.count).trimmed
        let head = text.slice(0, point)
        // Some countries have numbers of four digits.
        let digits = head.count { $0.isASCIIDigit }
        if digits < PhoneNumber.fewestDigits, nationalDigits(head) == nil { return nil }
        if text[point] == UInt8(ascii: ",") || NumberShape.isLiteral(head) { return point }
        // Dots part the groups of a number too, +1.202.555.0164: there the digits before the last
        // one are no number yet.
        let isGrouped = head.firstOffset(of: UInt8(ascii: ".")) != nil
        let isZero = tail.allSatisfy { $0 == UInt8(ascii: "0") }
        // A single digit is no group.
        if tail.count == 1 { return point }
        guard canBeCalled(head) else {
            return isGrouped || !isZero && NumberShape.endsInGroup(head) ? nil : point
        }
        return isGrouped && !isZero && canBeCalled(text) ? nil : point
    }

    /// With or without its plus, or within the default country.
    func canBeCalled(_ text: Bytes) -> Bool {
        let start = text.first { !PhoneNumber.isSeparator($0) }
        guard start != UInt8(ascii: "+") else {
            return PhoneNumber.read(text).map { plan.country(of: $0) != nil } ?? false
        }
        let withPlus = [UInt8(ascii: "+")] + Array(text)
        return withPlus.withUnsafeBufferPointer { canBeCalled($0) } || nationalDigits(text) != nil
    }
}

/// The last point or comma, where what numbers are made of stands before it, and only digits behind,
/// which spaces may be before.
private enum DecimalTail {
    static func find(in text: Bytes) -> Int? {
        var point = text.count
        while point > 0, text[point - 1].isASCIIDigit { point -= 1 }
        guard point < text.count else { return nil }
        while point > 0, text[point - 1] == UInt8(ascii: " ") { point -= 1 }
        guard point > 0 else { return nil }
        point -= 1
        guard text[point] == UInt8(ascii: ".") || text[point] == UInt8(ascii: ",") else {
            return nil
        }
        let isNumber = text.slice(0, point).allSatisfy {
            $0.isASCIIDigit || $0 == UInt8(ascii: "+") || PhoneNumber.isSeparator($0)
        }
        return isNumber ? point : nil
    }
}

/// Digits in brackets at the end are a note or an extension: `+49 30 901820 (5)`.
enum BracketedEnd {
    static func find(in text: Bytes) -> Int? {
        guard text.count > 1, text[text.count - 1] == UInt8(ascii: ")"),
            let open = text.lastOffset(of: UInt8(ascii: "(")), open > 0
        else { return nil }
        let isBegun = text.slice(0, open).contains { $0.isASCIIDigit }
        return isBegun && text.slice(open, text.count).contains { $0.isASCIIDigit } ? open : nil
    }
}

/// What is dialled before an international number, where the plus must be.
enum InternationalPrefix {
    struct Reading {
        let prefix: StaticString
        let number: PhoneNumber
    }

    /// Nil where no prefix is followed by a number that can be called, or more than one is.
    static func read(_ digits: [UInt8], _ plan: NumberingPlan) -> Reading? {
        var found: Reading?
        for prefix in ["0011", "011", "00", "810"] as [StaticString] {
            let length = prefix.utf8CodeUnitCount
            // With fewer behind it, the prefix may be an area code: 011 is Turin's.
            let fewest = prefix.bytes.equals("00") ? PhoneNumber.fewestDigits : 10
            guard digits.count >= length + fewest, digits[..<length].elementsEqual(prefix.bytes),
                let number = PhoneNumber.international(Array(digits[length...])),
                plan.country(of: number) != nil
            else { continue }
            if found != nil { return nil }
            found = Reading(prefix: prefix, number: number)
        }
        return found
    }
}

extension PhoneNumber {
    /// From digits that begin with the country code.
    static func international(_ digits: [UInt8]) -> PhoneNumber? {
        let text = [UInt8(ascii: "+")] + digits
        return text.withUnsafeBufferPointer { read($0) }
    }
}
