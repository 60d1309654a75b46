/// The national numbers of one country: a line of the generated table.
struct CountryNumbers {
    /// ISO 3166, two letters; `001` for a code that belongs to no country.
    let region: Bytes
    let code: UInt64
    /// What is dialled before a number within the country; empty where there is nothing.
    let trunk: Bytes
    /// Bit n is set where a national number may have n digits.
    let lengths: UInt16
    /// Those lengths at which the digits without a trunk prefix are a whole national number too.
    let lengthsWithoutTrunk: UInt16

    var codeLength: Int { code < 10 ? 1 : code < 100 ? 2 : 3 }
    var trunkValue: UInt64 { CountryNumbers.value(trunk) }

    static func all() -> [CountryNumbers] {
        var all: [CountryNumbers] = []
        var rest = NationalNumbers.table.bytes
        while rest.count > 0 {
            let end = rest.firstOffset(of: UInt8(ascii: "\n")) ?? rest.count
            all.append(CountryNumbers(line: rest.slice(0, end)))
            rest = rest.slice(end + 1, rest.count)
        }
        return all
    }

    /// `region` is the country's ISO 3166 code, in any case.
    static func find(_ region: Bytes) -> CountryNumbers? {
        guard region.count == 2 else { return nil }
        return all().first { $0.region.equalsIgnoringCase(region) }
    }

    private init(line: Bytes) {
        var rest = line
        region = CountryNumbers.word(&rest)
        code = CountryNumbers.value(CountryNumbers.word(&rest))
        let trunk = CountryNumbers.word(&rest)
        self.trunk = trunk.equals("-") ? .empty : trunk
        lengths = CountryNumbers.mask(CountryNumbers.word(&rest))
        lengthsWithoutTrunk = CountryNumbers.mask(CountryNumbers.word(&rest))
    }

    private static func word(_ rest: inout Bytes) -> Bytes {
        let end = rest.firstOffset(of: UInt8(ascii: " ")) ?? rest.count
        defer { rest = rest.slice(end + 1, rest.count) }
        return rest.slice(0, end)
    }

    private static func value(_ digits: Bytes) -> UInt64 {
        var value: UInt64 = 0
        for digit in digits where digit.isASCIIDigit {
            value = value &* 10 &+ UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    /// `4-7,9`
    private static func mask(_ spans: Bytes) -> UInt16 {
        var mask: UInt16 = 0
        var first = 0
        var last = 0
        for index in 0...spans.count {
            let byte = index < spans.count ? spans[index] : UInt8(ascii: ",")
            if byte.isASCIIDigit {
                last = last &* 10 &+ Int(byte - UInt8(ascii: "0"))
            } else {
                if byte == UInt8(ascii: "-") { first = last }
                if byte == UInt8(ascii: ","), last > 0 {
                    for length in (first > 0 ? first : last)...max(first, last) where length < 16 {
                        mask |= 1 << UInt16(length)
                    }
                    first = 0
                }
                last = 0
            }
        }
        return mask
    }

    // MARK: Numbers as they are dialled within the country

    /// What these digits call within the country; nil where they call nothing, or one of several.
    func international(_ digits: Bytes, _ plan: NumberingPlan) -> PhoneNumber? {
        guard !mayLackZero(digits) else { return nil }
        var found: PhoneNumber?
        var isCertain = true
        func add(_ national: Bytes, _ lengths: UInt16) {
            guard national.count > 0, national.count < 16,
                lengths >> UInt16(national.count) & 1 == 1,
                let number = plan.country(
                    code,
                    national: CountryNumbers.value(national),
                    digits: national.count
                )
            else { return }
            if let found, found.value != number.value { isCertain = false }
            found = number
        }
        add(digits, trunk.count > 0 ? lengthsWithoutTrunk : lengths)
        if trunk.count > 0, digits.count > trunk.count, digits.slice(0, trunk.count).equals(trunk) {
            let rest = digits.slice(trunk.count, digits.count)
            add(rest, lengths)
            // Dialled as 80 there.
            if code == 375, rest[0] == UInt8(ascii: "0") { add(rest.slice(1, rest.count), lengths) }
            if code == 54 { addArgentineMobiles(rest) { add($0, lengths) } }
        }
        return isCertain ? found : nil
    }

    /// Italy's numbers have a zero of their own, except mobiles and free ones, and many lengths:
    /// without the zero that a spreadsheet has taken away they still look whole, and call somebody else.
    private func mayLackZero(_ digits: Bytes) -> Bool {
        guard code == 39, digits.count > 2, digits[0] != UInt8(ascii: "0") else { return false }
        let isMobile = digits[0] == UInt8(ascii: "3") && digits.count == 10
        return !isMobile && !digits.slice(0, 3).equals("800")
    }

    /// Within Argentina a mobile has 15 behind the area code; from abroad it has 9 before it.
    private func addArgentineMobiles(_ rest: Bytes, _ add: (Bytes) -> Void) {
        guard rest.count == 12 else { return }
        // 11 is the one area code of two digits.
        let isCapital = rest.slice(0, 2).equals("11")
        for areaLength in isCapital ? 2...2 : 3...4
        where rest.slice(areaLength, areaLength + 2).equals("15") {
            let number =
                [UInt8(ascii: "9")] + Array(rest.slice(0, areaLength))
                + Array(rest.slice(areaLength + 2, rest.count))
            number.withUnsafeBufferPointer { add($0) }
        }
    }
}
