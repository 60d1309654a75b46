/// When the clocks change in the years after the last change that a zone file lists, as POSIX writes
/// it in `TZ`: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Sendable {
    /// A moment of every year, by the clock that holds until then.
    private struct Change {
        enum Day {
            /// The weekday of the month's first, second, … or (5) last week.
            case weekday(month: Int64, week: Int64, day: Int64)
            /// Counted from one, without 29 February.
            case withoutLeapDay(Int64)
            /// Counted from zero.
            case ofYear(Int64)
        }

        let day: Day
        let seconds: Int
    }

    private struct Daylight {
        let offset: Int
        let start: Change
        let end: Change
    }

    private static let secondsPerDay: Int64 = 86_400
    private static let hour = 3_600

    /// Seconds east of Greenwich.
    private let standard: Int
    private let daylight: Daylight?

    /// - Returns: `nil` when `text` is no such rule.
    init?(_ text: String) {
        var reader = RuleReader(rest: text[...])
        guard reader.name(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            daylight = nil
            return
        }
        guard reader.name() else { return nil }
        let offset = reader.rest.first == "," ? standard + TimeZoneRule.hour : -(reader.time() ?? 0)
        guard let start = TimeZoneRule.change(&reader), let end = TimeZoneRule.change(&reader),
            reader.rest.isEmpty
        else { return nil }
        daylight = Daylight(offset: offset, start: start, end: end)
    }

    /// Seconds east of Greenwich at `time`, in Unix seconds.
    func offset(at time: Int64) -> Int {
        guard let daylight else { return standard }
        let local = time + Int64(standard)
        let year = Timestamp.civil(local.dividedDown(by: TimeZoneRule.secondsPerDay)).0
        let start = TimeZoneRule.moment(daylight.start, in: year, before: standard)
        let end = TimeZoneRule.moment(daylight.end, in: year, before: daylight.offset)
        let isDaylight =
            start < end ? (start..<end).contains(time) : !(end..<start).contains(time)
        return isDaylight ? daylight.offset : standard
    }

    private static func moment(_ change: Change, in year: Int64, before offset: Int) -> Int64 {
        let first = Timestamp.dayNumber(year: year, month: 1, day: 1)
        let day: Int64
        switch change.day {
        case .ofYear(let number): day = first + number
        case .withoutLeapDay(let number):
            let march = Timestamp.dayNumber(year: year, month: 3, day: 1)
            day = number < 60 ? first + number - 1 : march + number - 60
        case .weekday(let month, let week, let weekday):
            day = TimeZoneRule.day(weekday, week: week, month: month, year: year)
        }
        return day * secondsPerDay + Int64(change.seconds - offset)
    }

    private static func day(_ weekday: Int64, week: Int64, month: Int64, year: Int64) -> Int64 {
        let first = Timestamp.dayNumber(year: year, month: month, day: 1)
        let next = Timestamp.dayNumber(
            year: month == 12 ? year + 1 : year,
            month: month % 12 + 1,
            day: 1
        )
        // 1 January 1970, day 0, was a Thursday.
        let firstWeekday = (first + 4) - (first + 4).dividedDown(by: 7) * 7
        let day = first + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
        return day < next ? day : day - 7
    }

    private static func change(_ reader: inout RuleReader) -> Change? {
        guard reader.take(",") else { return nil }
        let day: Change.Day
        if reader.take("M") {
            guard let month = reader.number(1...12), reader.take("."),
                let week = reader.number(1...5), reader.take("."),
                let weekday = reader.number(0...6)
            else { return nil }
            day = .weekday(month: Int64(month), week: Int64(week), day: Int64(weekday))
        } else if reader.take("J") {
            guard let number = reader.number(1...365) else { return nil }
            day = .withoutLeapDay(Int64(number))
        } else {
            guard let number = reader.number(0...365) else { return nil }
            day = .ofYear(Int64(number))
        }
        guard reader.take("/") else { return Change(day: day, seconds: 2 * hour) }
        return reader.time().map { Change(day: day, seconds: $0) }
    }
}

/// Takes the parts of a rule from its front.
private struct RuleReader {
    var rest: Substring

    mutating func take(_ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    /// Letters, or anything between angle brackets.
    mutating func name() -> Bool {
        let before = rest.count
        if take("<") {
            rest = rest.drop { $0 != ">" }
            return take(">")
        }
        rest = rest.drop { $0.isLetter }
        return rest.count < before
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest[digits.endIndex...]
        return Int(digits).flatMap { range.contains($0) ? $0 : nil }
    }

    /// `[+-]hours[:minutes[:seconds]]` in seconds.
    mutating func time() -> Int? {
        let sign = take("-") ? -1 : 1
        if sign == 1 { _ = take("+") }
        guard var seconds = number(0...167).map({ $0 * 3_600 }) else { return nil }
        for unit in [60, 1] where take(":") {
            guard let count = number(0...59) else { return nil }
            seconds += count * unit
        }
        return sign * seconds
    }
}
