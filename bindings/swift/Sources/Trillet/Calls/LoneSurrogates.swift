import Foundation

/// Escapes that are half of a surrogate pair.
enum LoneSurrogates {
    /// The text with U+FFFD in their place.
    static func replaced(in text: Data) -> Data {
        var bytes = [UInt8](text)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let unit = unit(at: index, bytes) else {
                index += 2
                continue
            }
            if isHigh(unit), let low = self.unit(at: index + 6, bytes), isLow(low) {
                index += 12
                continue
            }
            if isHigh(unit) || isLow(unit) {
                bytes.replaceSubrange(index..<index + 6, with: Array("\\ufffd".utf8))
            }
            index += 6
        }
        return Data(bytes)
    }

    /// The UTF-16 unit of an escape such as `\ud83d`.
    private static func unit(at index: Int, _ bytes: [UInt8]) -> UInt16? {
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt16(String(decoding: bytes[index + 2..<index + 6], as: UTF8.self), radix: 16)
    }

    private static func isHigh(_ unit: UInt16) -> Bool { (0xD800...0xDBFF).contains(unit) }
    private static func isLow(_ unit: UInt16) -> Bool { (0xDC00...0xDFFF).contains(unit) }
}
