/// What stands between the columns of a file that has no commas.
enum Delimiter {
    case semicolon, tab, pipe

    private static let all: [Delimiter] = [.semicolon, .tab, .pipe]

    var name: StaticString {
        switch self {
        case .semicolon: "semicolons"
        case .tab: "tabs"
        case .pipe: "vertical bars"
        }
    }

    var byte: UInt8 {
        switch self {
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        case .pipe: UInt8(ascii: "|")
        }
    }

    /// `isWhole`: commas leave the header in one piece, so anything that parts it will do. Else a
    /// piece must be a name for the phone number.
    static func guess(_ header: Bytes, isWhole: Bool) -> Delimiter? {
        for delimiter in all {
            guard header.firstOffset(of: delimiter.byte) != nil else { continue }
            if isWhole || delimiter.partsPhoneNumber(header) { return delimiter }
        }
        return nil
    }

    /// What parts the first line of a text that has one, or what the line for Excel alone names.
    static func recognize(_ opening: Bytes) -> UInt8? {
        let header = firstLine(opening)
        if header.hasPrefixIgnoringCase(ExcelLine.start) { return ExcelLine.delimiter(header) }
        let isWhole = header.firstOffset(of: UInt8(ascii: ",")) == nil
        return guess(header, isWhole: isWhole)?.byte
    }

    private static func firstLine(_ opening: Bytes) -> Bytes {
        var rest = opening.withoutByteOrderMark
        while rest.count > 0 {
            let end = rest.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            let line = rest.slice(0, end ?? rest.count)
            if !line.isBlank { return line }
            rest = rest.slice(line.count + 1, rest.count)
        }
        return rest
    }

    private func partsPhoneNumber(_ header: Bytes) -> Bool {
        var start = 0
        for index in 0...header.count where index == header.count || header[index] == byte {
            let piece = header.slice(start, index).filter { $0 != UInt8(ascii: "\"") }
            start = index + 1
            if ContactColumns.isClose(piece) { return true }
        }
        return false
    }
}

/// `sep=;`, which Excel takes out of the table and nobody else.
enum ExcelLine {
    static let start: StaticString = "sep="

    static func `is`(_ record: Bytes) -> Bool {
        record.hasPrefixIgnoringCase(start) && record.count <= 5
    }

    fileprivate static func delimiter(_ line: Bytes) -> UInt8? {
        guard line.count == 5 else { return nil }
        switch line[4] {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"):
            return line[4]
        default: return nil
        }
    }
}
