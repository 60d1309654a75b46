import CTrillet

/// The clock that people and servers read, in milliseconds since 1970. It can jump: only for
/// comparing with times that came from outside.
enum WallClock {
    static var milliseconds: Int64 { shim_wall_clock_milliseconds() }

    /// Reads `2031-04-02T09:15:00Z`, with a fraction or an offset such as `+02:00` if there is one;
    /// nil for anything else.
    static func milliseconds(ofISO8601 text: Bytes) -> Int64? {
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] | 0x20 == UInt8(ascii: "t"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"),
            let year = number(text, 0, 4), let month = number(text, 5, 7),
            let day = number(text, 8, 10), let hour = number(text, 11, 13),
            let minute = number(text, 14, 16), let second = number(text, 17, 19),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second <= 60
        else { return nil }
        var offset = 19
        var fraction: Int64 = 0
        if text[offset] == UInt8(ascii: ".") {
            offset += 1
            var weight: Int64 = 100
            while offset < text.count, text[offset].isASCIIDigit {
                fraction += Int64(text[offset] - UInt8(ascii: "0")) * weight
                weight /= 10
                offset += 1
            }
        }
        guard let zone = zoneMinutes(text.slice(offset, text.count)) else { return nil }
        let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - zone
        return (minutes * 60 + second) * 1000 + fraction
    }

    private static func number(_ text: Bytes, _ start: Int, _ end: Int) -> Int64? {
        var value: Int64 = 0
        for index in start..<end {
            guard text[index].isASCIIDigit else { return nil }
            value = value * 10 + Int64(text[index] - UInt8(ascii: "0"))
        }
        return value
    }

    private static func zoneMinutes(_ text: Bytes) -> Int64? {
        if text.count == 1, text[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard text.count == 6, text[3] == UInt8(ascii: ":"),
            let hours = number(text, 1, 3), let minutes = number(text, 4, 6)
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hours * 60 + minutes
        case UInt8(ascii: "-"): return -(hours * 60 + minutes)
        default: return nil
        }
    }

    /// Days since 1970-01-01 in the Gregorian calendar, with years that begin in March, so that the
    /// leap day is the last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let shiftedMonth = (month + 9) % 12
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468
    }
}
