/// Runs of digits that are surely no phone numbers, and that a log is read for.
enum ReadableToken {
    private static let shortestIdentifier = 16

    /// Where the id, time or address that starts at `offset` ends, nil when none does.
    static func end(in text: Bytes, at offset: Int) -> Int? {
        uuidEnd(in: text, at: offset) ?? hexadecimalEnd(in: text, at: offset)
            ?? timestampEnd(in: text, at: offset) ?? addressEnd(in: text, at: offset)
    }

    private static func uuidEnd(in text: Bytes, at start: Int) -> Int? {
        let end = start + 36
        guard text.count >= end, !isWord(text, at: end) else { return nil }
        var hasLetter = false
        for position in 0..<36 {
            let byte = text[start + position]
            switch position {
            case 8, 13, 18, 23:
                if byte != UInt8(ascii: "-") { return nil }
            default:
                if byte.hexadecimalValue == nil { return nil }
                if byte.isASCIILetter { hasLetter = true }
            }
        }
        return hasLetter ? end : nil
    }

    private static func hexadecimalEnd(in text: Bytes, at start: Int) -> Int? {
        var hasLetter = false
        var end = start
        while end < text.count, text[end].hexadecimalValue != nil {
            if text[end].isASCIILetter { hasLetter = true }
            end += 1
        }
        guard hasLetter, end - start >= shortestIdentifier, !isWord(text, at: end) else {
            return nil
        }
        return end
    }

    private static func timestampEnd(in text: Bytes, at start: Int) -> Int? {
        guard number(text, start, 4, 1900...2199), isByte(text, start + 4, "-"),
            number(text, start + 5, 2, 1...12), isByte(text, start + 7, "-"),
            number(text, start + 8, 2, 1...31)
        else { return nil }
        return timeEnd(in: text, at: start + 10) ?? start + 10
    }

    /// ` 09:15`, `T09:15:00` or `T09:15:00.123`.
    private static func timeEnd(in text: Bytes, at start: Int) -> Int? {
        guard isByte(text, start, "T") || isByte(text, start, "t") || isByte(text, start, " "),
            number(text, start + 1, 2, 0...23), isByte(text, start + 3, ":"),
            number(text, start + 4, 2, 0...59)
        else { return nil }
        var end = start + 6
        if isByte(text, end, ":"), number(text, end + 1, 2, 0...60) {
            end += 3
            if isByte(text, end, ".") {
                var fractionEnd = end + 1
                while fractionEnd < text.count, text[fractionEnd].isASCIIDigit { fractionEnd += 1 }
                if (2...10).contains(fractionEnd - end) { end = fractionEnd }
            }
        }
        return end < text.count && text[end].isASCIIDigit ? nil : end
    }

    /// Four numbers up to 255. Not all of two digits: so are some phone numbers written.
    private static func addressEnd(in text: Bytes, at start: Int) -> Int? {
        var offset = start
        var hasOtherLength = false
        for part in 0..<4 {
            if part > 0 {
                guard isByte(text, offset, ".") else { return nil }
                offset += 1
            }
            var value = 0
            let partStart = offset
            while offset < text.count, text[offset].isASCIIDigit, offset - partStart < 4 {
                value = value * 10 + Int(text[offset] - UInt8(ascii: "0"))
                offset += 1
            }
            let length = offset - partStart
            guard length > 0, value <= 255, length == 1 || text[partStart] != UInt8(ascii: "0")
            else { return nil }
            if length != 2 { hasOtherLength = true }
        }
        return hasOtherLength && !isWord(text, at: offset) ? offset : nil
    }

    private static func number(
        _ text: Bytes,
        _ offset: Int,
        _ digits: Int,
        _ range: ClosedRange<Int>
    ) -> Bool {
        guard offset + digits <= text.count else { return false }
        var value = 0
        for byte in text.slice(offset, offset + digits) {
            guard byte.isASCIIDigit else { return false }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return range.contains(value)
    }

    private static func isByte(_ text: Bytes, _ offset: Int, _ expected: Unicode.Scalar) -> Bool {
        offset < text.count && UInt32(text[offset]) == expected.value
    }

    private static func isWord(_ text: Bytes, at offset: Int) -> Bool {
        offset < text.count && (text[offset].isASCIILetter || text[offset].isASCIIDigit)
    }
}
