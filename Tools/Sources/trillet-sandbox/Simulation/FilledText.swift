/// A text with each `{name}` replaced by its value; names without a value stay. Which texts in
/// braces are names is what the library's check says of prompts. The work and the result are
/// bounded, whatever the template and the values are.
struct FilledText: Sendable {
    /// Why a template cannot be filled.
    struct TooLong: Error {}

    /// As large as the largest request.
    static let mostBytes = 1_048_576

    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")
    private static let space = UInt8(ascii: " ")

    private static let longestName = 1_024
    /// One name may be written in so many times as many bytes: é is two or three.
    private static let spellings = 3

    private let values: [String: String]
    /// No longer text in braces needs to be looked up.
    private let longest: Int

    init(_ values: [String: String]) {
        self.values = values
        let longest = values.keys.map(\.utf8.count).max() ?? 0
        self.longest = min(longest * FilledText.spellings, FilledText.longestName)
    }

    /// - Throws: ``TooLong`` when the text would be longer than ``mostBytes``.
    func text(_ template: String) throws(TooLong) -> String {
        let bytes = Array(template.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        var end = Name(before: 0, in: bytes)
        while position < bytes.count {
            guard bytes[position] == FilledText.open else {
                result.append(bytes[position])
                position += 1
                continue
            }
            if let known = end, known.brace < position { end = Name(before: position, in: bytes) }
            if let end, let value = value(from: position + 1, to: end.end, in: bytes) {
                result.append(contentsOf: value.utf8)
                position = end.brace + 1
            } else {
                result.append(FilledText.open)
                position += 1
            }
            if result.count > FilledText.mostBytes { throw TooLong() }
        }
        if result.count > FilledText.mostBytes { throw TooLong() }
        return String(decoding: result, as: UTF8.self)
    }

    /// Spaces around a name do not count.
    private func value(from start: Int, to end: Int, in bytes: [UInt8]) -> String? {
        var start = start
        while start < end, bytes[start] == FilledText.space { start += 1 }
        guard end - start <= longest else { return nil }
        return values[String(decoding: bytes[start..<max(start, end)], as: UTF8.self)]
    }

    /// Where a name ends that is followed by the next closing brace.
    private struct Name {
        let end: Int
        let brace: Int

        init?(before start: Int, in bytes: [UInt8]) {
            guard let brace = bytes[start...].firstIndex(of: FilledText.close) else { return nil }
            var end = brace
            while end > 0, bytes[end - 1] == FilledText.space { end -= 1 }
            self.brace = brace
            self.end = end
        }
    }
}
