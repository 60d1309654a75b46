import CTrillet

/// The times to wait that services write into Retry-After: seconds, with decimals too, and dates.
enum RetryAfter {
    /// Beyond a century the exact figure does not matter.
    private static let mostSeconds = 4_000_000_000

    /// The longest of all, separated by commas and line ends; nil when there is none. `now` is the
    /// service's time. docs/decisions.md, longest-pause-wins.
    static func milliseconds(_ text: Bytes, at now: Int64) -> Int? {
        var longest: Int?
        var start = 0
        for offset in 0..<text.count {
            guard text[offset] == UInt8(ascii: ",") || text[offset] == UInt8(ascii: "\n")
            else { continue }
            // A date without its weekday, which ends with a comma, is a date all the same.
            let piece = text.slice(start, offset).trimmed
            start = offset + 1
            guard let told = seconds(piece) ?? untilDate(piece, now) else { continue }
            longest = max(longest ?? 0, told)
        }
        return longest
    }

    /// Milliseconds since 1970 of an HTTP date; nil for anything else.
    static func milliseconds(ofDate text: Bytes) -> Int64? {
        if text.count == 0 { return nil }
        var buffer = ByteBuffer(capacity: text.count + 1)
        buffer.append(text)
        guard let date = buffer.terminated() else { return nil }
        let seconds = shim_parse_http_date(date)
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return seconds < 0 || overflow ? nil : milliseconds
    }

    /// `17` and `1.5`, rounded up: a pause is never shorter than the service asked.
    private static func seconds(_ text: Bytes) -> Int? {
        let point = text.firstOffset(of: UInt8(ascii: ".")) ?? text.count
        var whole = 0
        for byte in text.slice(0, point) {
            guard byte.isASCIIDigit else { return nil }
            whole = min(whole * 10 + Int(byte - UInt8(ascii: "0")), mostSeconds)
        }
        var milliseconds = 0
        var weight = 100
        var isMore = false
        for byte in text.slice(point + 1, text.count) {
            guard byte.isASCIIDigit else { return nil }
            let digit = Int(byte - UInt8(ascii: "0"))
            milliseconds += digit * weight
            if weight == 0, digit > 0 { isMore = true }
            weight /= 10
        }
        guard point > 0 || text.count > 1 else { return nil }
        return whole * 1000 + milliseconds + (isMore ? 1 : 0)
    }

    private static func untilDate(_ text: Bytes, _ now: Int64) -> Int? {
        guard let date = milliseconds(ofDate: text) else { return nil }
        let (wait, overflow) = date.subtractingReportingOverflow(now)
        return overflow ? nil : Int(max(0, wait))
    }
}
