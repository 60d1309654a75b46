/// What the numbers of each country look like: how long they are, and what none of them begins with.
struct NumberingPlan {
    /// What is wrong with a number that has a plus and digits.
    enum Fault {
        case countryCode
        /// What is dialled before a number within its country stands behind the country code.
        case trunkPrefix
        case areaCode
        case tooShort
        case tooLong
    }

    /// What holds for all numbers that begin with the same three digits.
    private struct Rule {
        var code: UInt64 = 0
        /// From 1, in `CallingCodes`; 0 where no country has such a code.
        var country: UInt16 = 0
        /// Bit n is set where a number may have n digits, the country code included.
        var lengths: UInt16 = 0
        var codeLength: UInt8 = 0
        var shape = Shape.ordinary
    }

    private enum Shape: UInt8 {
        case ordinary
        /// National numbers may begin with 0.
        case keepsZero
        /// Area code and exchange begin with 2 to 9.
        case northAmerica
        /// The trunk prefix is 8, also as 80, and some numbers begin with 80 themselves.
        /// docs/decisions.md, belarus.
        case belarus
    }

    /// Countries whose numbers keep a leading zero in international form.
    private static let codesThatKeepZero: [UInt64] = [
        39, 378, 47, 225, 227, 229, 241, 242, 267, 268, 501, 676, 679, 687, 853,
    ]

    private var rules = [Rule](repeating: Rule(), count: 1000)
    private let powers: [UInt64]
    private let countries: [CallingCodes.Entry]
    private let knowsLengths: Bool

    init(_ countries: [CallingCodes.Entry], knowsLengths: Bool) {
        self.countries = countries
        self.knowsLengths = knowsLengths
        var power: UInt64 = 1
        var powers: [UInt64] = []
        for _ in 0...PhoneNumber.mostDigits {
            powers.append(power)
            power *= 10
        }
        self.powers = powers
        for (position, entry) in countries.enumerated() { addRule(entry, position) }
        guard knowsLengths else { return }
        var known: UInt64 = 0
        for numbers in CountryNumbers.all() {
            addLengths(numbers, isFirst: numbers.code != known)
            known = numbers.code
        }
    }

    private mutating func addRule(_ entry: CallingCodes.Entry, _ position: Int) {
        var rule = Rule()
        for digit in entry.code { rule.code = rule.code * 10 + UInt64(digit - UInt8(ascii: "0")) }
        rule.codeLength = UInt8(truncatingIfNeeded: entry.code.count)
        rule.country = UInt16(truncatingIfNeeded: position + 1)
        // Seven digits to fifteen, where no lengths are known.
        rule.lengths = 0xFF80
        switch rule.code {
        case 1: rule.shape = knowsLengths ? .northAmerica : .ordinary
        case 375: rule.shape = .belarus
        case let code where NumberingPlan.codesThatKeepZero.contains(code): rule.shape = .keepsZero
        default: break
        }
        let (first, span) = NumberingPlan.prefixes(of: rule.code, Int(rule.codeLength))
        for prefix in first..<(first + span) { rules[prefix] = rule }
    }

    private mutating func addLengths(_ numbers: CountryNumbers, isFirst: Bool) {
        let length = numbers.codeLength
        let (first, span) = NumberingPlan.prefixes(of: numbers.code, length)
        guard first >= 0, first + span <= rules.count else { return }
        let inAll = (numbers.lengths << UInt16(length)) & 0xFF80
        for prefix in first..<(first + span) {
            rules[prefix].lengths = isFirst ? inAll : rules[prefix].lengths | inAll
        }
    }

    /// The numbers of three digits that begin with the code.
    private static func prefixes(of code: UInt64, _ length: Int) -> (first: Int, span: Int) {
        let span = length == 1 ? 100 : length == 2 ? 10 : 1
        return (Int(code) * span, span)
    }

    // MARK: Judging

    /// The position of the number's country in `CallingCodes`; nil where it cannot be called.
    @_optimize(speed)
    func country(of number: PhoneNumber) -> Int? {
        let rule = rules[number.prefix]
        let count = number.count
        guard rule.lengths >> UInt16(truncatingIfNeeded: count) & 1 == 1 else { return nil }
        let rest = count - Int(rule.codeLength)
        let national = number.value &- rule.code &* powers[rest]
        if rule.shape == .ordinary {
            return national >= powers[rest - 1] ? Int(rule.country) - 1 : nil
        }
        return isWellBegun(national, rest, rule.shape) ? Int(rule.country) - 1 : nil
    }

    private func isWellBegun(_ national: UInt64, _ count: Int, _ shape: Shape) -> Bool {
        let first = national / powers[count - 1]
        switch shape {
        case .ordinary: return first > 0
        case .keepsZero: return true
        case .northAmerica: return first >= 2 && national / 1_000_000 % 10 >= 2
        case .belarus:
            guard first == 8 else { return first > 0 }
            return national / powers[count - 2] == 80 && count < 11
        }
    }

    /// Why the number cannot be called.
    func fault(of number: PhoneNumber) -> Fault {
        let rule = rules[number.prefix]
        guard rule.country > 0 else { return .countryCode }
        let rest = number.count - Int(rule.codeLength)
        let national = number.value &- rule.code &* powers[rest]
        if rest > 0, national < powers[rest - 1], rule.shape != .keepsZero { return .trunkPrefix }
        if withoutTrunkPrefix(number) != nil { return .trunkPrefix }
        if rule.lengths >> UInt16(truncatingIfNeeded: number.count) & 1 == 1 {
            return rule.shape == .northAmerica ? .areaCode : .trunkPrefix
        }
        return rule.lengths >> UInt16(truncatingIfNeeded: number.count) > 0 ? .tooShort : .tooLong
    }

    /// The number without what is dialled before it within its country, if that can be called.
    func withoutTrunkPrefix(_ number: PhoneNumber) -> PhoneNumber? {
        let rule = rules[number.prefix]
        guard rule.country > 0, rule.shape != .keepsZero else { return nil }
        let rest = number.count - Int(rule.codeLength)
        let national = number.value &- rule.code &* powers[rest]
        var found: PhoneNumber?
        for (prefix, length) in trunkPrefixes(of: rule.code) where rest > length + 1 {
            guard national / powers[rest - length] == prefix else { continue }
            let shorter = PhoneNumber(
                country: rule.code,
                national: national % powers[rest - length],
                digits: rest - length,
                powers: powers
            )
            if country(of: shorter) != nil { found = shorter }
        }
        return found
    }

    /// 0 is typed everywhere.
    private func trunkPrefixes(of code: UInt64) -> [(prefix: UInt64, length: Int)] {
        var prefixes: [(prefix: UInt64, length: Int)] = [(0, 1)]
        switch code {
        case 375: prefixes += [(8, 1), (80, 2)]
        default:
            for numbers in CountryNumbers.all() where numbers.code == code {
                guard numbers.trunk.count > 0 else { continue }
                let own = (numbers.trunkValue, numbers.trunk.count)
                if !prefixes.contains(where: { $0 == own }) { prefixes.append(own) }
            }
        }
        return prefixes
    }

    // MARK: For messages

    func name(of number: PhoneNumber) -> Bytes {
        let country = Int(rules[number.prefix].country)
        return country > 0 ? countries[country - 1].name : .empty
    }

    func codeLength(of number: PhoneNumber) -> Int { Int(rules[number.prefix].codeLength) }

    func code(of number: PhoneNumber) -> Int { Int(rules[number.prefix].code) }

    /// `10`, `7 or 9 to 11`.
    func lengths(of number: PhoneNumber) -> Message {
        let rule = rules[number.prefix]
        return LengthSpans.describe(rule.lengths >> UInt16(rule.codeLength))
    }

    func country(_ code: UInt64, national: UInt64, digits: Int) -> PhoneNumber? {
        guard digits > 0, digits < powers.count, let length = codeLength(code),
            digits + length <= PhoneNumber.mostDigits
        else { return nil }
        let number = PhoneNumber(country: code, national: national, digits: digits, powers: powers)
        return country(of: number) == nil ? nil : number
    }

    private func codeLength(_ code: UInt64) -> Int? {
        code == 0 || code > 999 ? nil : code < 10 ? 1 : code < 100 ? 2 : 3
    }
}

/// How many digits there may be, in words.
enum LengthSpans {
    static func describe(_ lengths: UInt16) -> Message {
        var words = ByteBuffer(capacity: 32)
        var length = 0
        while length < 16 {
            defer { length += 1 }
            guard has(lengths, length) else { continue }
            let first = length
            // Two are named one by one: 7, 9 or 10.
            if has(lengths, first + 1), has(lengths, first + 2) {
                while has(lengths, length + 1) { length += 1 }
            }
            if words.count > 0 { words.append(has(above: lengths, length) ? ", " : " or ") }
            words.append(decimal: first)
            if length > first {
                words.append(" to ")
                words.append(decimal: length)
            }
        }
        return Message(words.bytes)
    }

    private static func has(_ lengths: UInt16, _ length: Int) -> Bool {
        length < 16 && lengths >> UInt16(truncatingIfNeeded: length) & 1 == 1
    }

    private static func has(above lengths: UInt16, _ length: Int) -> Bool {
        length < 15 && lengths >> UInt16(truncatingIfNeeded: length + 1) > 0
    }
}
