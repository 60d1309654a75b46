/// What the head of an answer says of the version and the part that it is of.
struct DownloadHead: ~Copyable {
    private var tag = ByteBuffer()
    private var modified = ByteBuffer()
    private var date = ByteBuffer()
    private(set) var range = ByteBuffer()

    mutating func removeAll() {
        tag.removeAll()
        modified.removeAll()
        date.removeAll()
        range.removeAll()
    }

    mutating func receive(_ line: Bytes) {
        if line.hasPrefixIgnoringCase("http/") { removeAll() }
        DownloadHead.note(line, "etag:", &tag)
        DownloadHead.note(line, "last-modified:", &modified)
        DownloadHead.note(line, "date:", &date)
        DownloadHead.note(line, "content-range:", &range)
    }

    private static func note(_ line: Bytes, _ name: StaticString, _ value: inout ByteBuffer) {
        guard line.hasPrefixIgnoringCase(name) else { return }
        value.removeAll()
        value.append(line.slice(name.utf8CodeUnitCount, line.count).trimmed)
    }

    /// Appends what proves to be of this version in If-Range: a strong tag, or the time of a change
    /// that lies before the second in which the answer was made. RFC 9110, 8.8 and 13.1.5.
    func appendVersion(to version: inout ByteBuffer) {
        if tag.count > 2, tag.bytes[0] == UInt8(ascii: "\"") {
            version.append(tag.bytes)
        } else if tag.count == 0, let changed = RetryAfter.milliseconds(ofDate: modified.bytes),
            let made = RetryAfter.milliseconds(ofDate: date.bytes), changed < made
        {
            version.append(modified.bytes)
        }
    }

    /// Whether the answer says itself that it is of another version.
    func isOfAnother(than version: Bytes) -> Bool {
        let isTag = version.count > 0 && version[0] == UInt8(ascii: "\"")
        return isTag
            ? tag.count > 0 && !tag.bytes.equals(version)
            : modified.count > 0 && !modified.bytes.equals(version)
    }
}

/// `bytes 500-999/1000`, the total included.
struct ContentRange {
    let first: Int
    /// Behind the last byte.
    let end: Int
    let total: Int

    init?(_ text: Bytes) {
        guard text.hasPrefixIgnoringCase("bytes "),
            let dash = text.firstOffset(of: UInt8(ascii: "-")),
            let slash = text.firstOffset(of: UInt8(ascii: "/")), dash < slash,
            let first = ContentRange.number(text.slice(6, dash)),
            let last = ContentRange.number(text.slice(dash + 1, slash)),
            let total = ContentRange.number(text.slice(slash + 1, text.count)), last < Int.max
        else { return nil }
        self.first = first
        end = last + 1
        self.total = total
    }

    private static func number(_ text: Bytes) -> Int? {
        let digits = text.trimmed
        guard digits.count > 0, digits[0].isASCIIDigit else { return nil }
        return JSONValue(kind: .number, text: digits, hasEscapes: false).integer
    }
}
