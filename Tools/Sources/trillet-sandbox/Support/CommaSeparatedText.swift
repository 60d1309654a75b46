/// Why a file cannot be read as CSV, with the line at which reading stopped.
struct CommaSeparatedTextError: Error {
    let line: Int
    let reason: String
}

/// Reads RFC 4180 text record by record: quoted fields may hold commas, quotes and line ends, and a
/// line ends with CRLF, LF or CR. A byte order mark is skipped.
struct CommaSeparatedText: Sendable {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(CommaSeparatedTextError) {
        guard CommaSeparatedText.isText(bytes) else {
            let line = CommaSeparatedText.lineOfFirstFlaw(in: bytes)
            throw CommaSeparatedTextError(line: line, reason: "the text is not UTF-8")
        }
        self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// Calls `body` with the fields of each record in order. Empty lines are records of one empty
    /// field; stops early when `body` returns false.
    func forEachRecord(_ body: ([String]) throws -> Bool) throws {
        var reader = RecordReader(bytes: bytes)
        while let record = try reader.next() {
            guard try body(record) else { return }
        }
    }

    /// Whether the bytes are UTF-8; looks at them piece by piece, for a copy of all of them is large.
    private static func isText(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            var end = min(start + 65_536, bytes.count)
            // Not between the bytes of a character, which are four at most.
            while end < bytes.count, end > start + 65_533, bytes[end] & 0xC0 == 0x80 { end -= 1 }
            guard String(validating: bytes[start..<end], as: UTF8.self) != nil else { return false }
            start = end
        }
        return true
    }

    private static func lineOfFirstFlaw(in bytes: [UInt8]) -> Int {
        var line = 1
        for piece in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: piece, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}

private struct RecordReader {
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let carriageReturn: UInt8 = 0x0D
    private static let lineFeed: UInt8 = 0x0A

    let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func next() throws(CommaSeparatedTextError) -> [String]? {
        guard position < bytes.count else { return nil }
        var fields: [String] = []
        while true {
            fields.append(try field())
            guard position < bytes.count, bytes[position] == RecordReader.comma else { break }
            position += 1
        }
        skipLineEnd()
        return fields
    }

    private mutating func field() throws(CommaSeparatedTextError) -> String {
        if position < bytes.count, bytes[position] == RecordReader.quote {
            return try quotedField()
        }
        let start = position
        while position < bytes.count, !isSeparator(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quotedField() throws(CommaSeparatedTextError) -> String {
        let startLine = line
        var content: [UInt8] = []
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard byte == RecordReader.quote else {
                if byte == RecordReader.lineFeed { line += 1 }
                content.append(byte)
                continue
            }
            if position < bytes.count, bytes[position] == RecordReader.quote {
                content.append(RecordReader.quote)
                position += 1
                continue
            }
            guard position == bytes.count || isSeparator(bytes[position]) else {
                throw CommaSeparatedTextError(
                    line: line,
                    reason: "a closing quote is followed by more text"
                )
            }
            return String(decoding: content, as: UTF8.self)
        }
        throw CommaSeparatedTextError(line: startLine, reason: "a quote is opened but never closed")
    }

    private func isSeparator(_ byte: UInt8) -> Bool {
        byte == RecordReader.comma || byte == RecordReader.carriageReturn
            || byte == RecordReader.lineFeed
    }

    private mutating func skipLineEnd() {
        guard position < bytes.count else { return }
        let isPair =
            bytes[position] == RecordReader.carriageReturn && position + 1 < bytes.count
            && bytes[position + 1] == RecordReader.lineFeed
        position += isPair ? 2 : 1
        line += 1
    }
}
