/// Points in time as Unix milliseconds, and their ISO 8601 texts. Whole milliseconds only: a
/// floating-point second would print one millisecond early every now and then.
enum Timestamp {
    private static let millisecondsPerDay: Int64 = 86_400_000

    /// `2031-03-04T10:00:00.000Z`
    static func text(_ milliseconds: Int64) -> String {
        let time = milliseconds - days(milliseconds) * millisecondsPerDay
        return seconds(milliseconds) + "." + padded(time % 1_000, 3) + "Z"
    }

    /// `2031-03-04T10:00:00Z`, rounded up, so that who waits for it has waited long enough.
    static func wholeSecondText(roundingUp milliseconds: Int64) -> String {
        seconds((milliseconds + 999) / 1_000 * 1_000) + "Z"
    }

    /// Reads `YYYY-MM-DDTHH:MM:SSZ` and nothing else; `nil` when the text or the date is wrong.
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[10] == UInt8(ascii: "T"), bytes[13] == UInt8(ascii: ":"),
            bytes[16] == UInt8(ascii: ":"), bytes[19] == UInt8(ascii: "Z"),
            let year = number(bytes[0..<4]), let month = number(bytes[5..<7]),
            let day = number(bytes[8..<10]), let hour = number(bytes[11..<13]),
            let minute = number(bytes[14..<16]), let second = number(bytes[17..<19]),
            (1...12).contains(month), hour < 24, minute < 60, second < 60
        else { return nil }
        let dayNumber = dayNumber(year: year, month: month, day: day)
        guard day >= 1, civil(dayNumber) == (year, month, day) else { return nil }
        return dayNumber * millisecondsPerDay + (hour * 3_600 + minute * 60 + second) * 1_000
    }

    /// Reads the same, and `YYYY-MM-DDTHH:MM:SS.mmmZ` too.
    static func parseWithFraction(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return parse(text) }
        let digits = Array(parts[1].utf8)
        guard digits.count == 4, digits[3] == UInt8(ascii: "Z"),
            let fraction = number(digits[0..<3]), let whole = parse(parts[0] + "Z")
        else { return nil }
        return whole + fraction
    }

    private static func seconds(_ milliseconds: Int64) -> String {
        let dayNumber = days(milliseconds)
        let time = (milliseconds - dayNumber * millisecondsPerDay) / 1_000
        let (year, month, day) = civil(dayNumber)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
            + padded(time / 3_600, 2) + ":" + padded(time / 60 % 60, 2) + ":" + padded(time % 60, 2)
    }

    private static func days(_ milliseconds: Int64) -> Int64 {
        milliseconds.dividedDown(by: millisecondsPerDay)
    }

    /// Days since 1970-01-01 in the Gregorian calendar, with years that begin in March.
    static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
        let marchYear = month > 2 ? year : year - 1
        let era = marchYear / 400
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    /// Year, month and day.
    static func civil(_ dayNumber: Int64) -> (Int64, Int64, Int64) {
        let shifted = dayNumber + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// The quotient, rounded down also below zero.
    func dividedDown(by divisor: Int64) -> Int64 {
        (self - (self < 0 ? divisor - 1 : 0)) / divisor
    }
}
