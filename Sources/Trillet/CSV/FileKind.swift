/// What kind of file it is when it is no CSV in UTF-8, by how it begins.
enum FileKind {
    static func refuse(_ opening: Bytes) throws(Failure) {
        if let encoding = encoding(opening) {
            let isText = EncodingSearch.wide(opening) != nil
            let remedy: StaticString =
                isText ? "save it as CSV in UTF-8, or give 'convert'" : "save it as CSV in UTF-8"
            throw Failure.csv(
                "encoding",
                "The file is \(encoding); \(remedy)"
            )
        }
    }

    /// A workbook, an archive and the like, or a text in an encoding that is not read.
    static func isOther(_ opening: Bytes) -> Bool {
        EncodingSearch.wide(opening) == nil && encoding(opening) != nil
    }

    /// Sentences go "The file is …".
    private static func encoding(_ opening: Bytes) -> StaticString? {
        if begins(opening, [0xFF, 0xFE, 0x00, 0x00]) { return "text in UTF-32 (little-endian)" }
        if begins(opening, [0x00, 0x00, 0xFE, 0xFF]) { return "text in UTF-32 (big-endian)" }
        if begins(opening, [0x50, 0x4B, 0x03, 0x04]) {
            return "an Excel workbook (.xlsx) or another zip archive, not text"
        }
        if begins(opening, [0xD0, 0xCF, 0x11, 0xE0]) {
            return "an old Excel workbook (.xls), not text"
        }
        if begins(opening, [0x1F, 0x8B]) { return "compressed (gzip)" }
        if begins(opening, [0x25, 0x50, 0x44, 0x46]) { return "a PDF, not text" }
        switch EncodingSearch.wide(opening) {
        case .utf16LittleEndian: return "text in UTF-16 (little-endian)"
        case .utf16BigEndian: return "text in UTF-16 (big-endian)"
        default: return nil
        }
    }

    /// What a header is instead of one.
    static func markup(_ header: Bytes) -> StaticString? {
        let header = header.trimmed
        guard header.count >= 2 else { return nil }
        switch (header[0], header[1]) {
        case (UInt8(ascii: "<"), _): return "a web page or XML"
        case (UInt8(ascii: "["), UInt8(ascii: "{")), (UInt8(ascii: "{"), UInt8(ascii: "\"")):
            return "JSON"
        default: return nil
        }
    }

    private static func begins(_ opening: Bytes, _ mark: [UInt8]) -> Bool {
        guard opening.count >= mark.count else { return false }
        for index in mark.indices where opening[index] != mark[index] { return false }
        return true
    }

    /// The name of the encoding that bytes which are no UTF-8 probably have.
    static func eightBitEncoding(_ text: Bytes) -> StaticString {
        let hasWindowsBytes = text.contains { $0 >= 0x80 && $0 < 0xA0 }
        return hasWindowsBytes ? "Windows-1252" : "ISO-8859-1 (Latin-1) or Windows-1252"
    }
}
