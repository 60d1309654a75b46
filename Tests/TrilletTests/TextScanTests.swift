import CTrillet
import Testing

@testable import Trillet

@Suite("The scan for the end of plain text")
struct TextScanTests {
    /// What the scan must find, one byte after the other.
    private func plainEnd(of bytes: [UInt8], from offset: Int) -> Int {
        var offset = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x80...0xFF: return offset
            default: offset += 1
            }
        }
        return offset
    }

    /// Compares every start in a text. The text is a block of its own, so that the address sanitizer
    /// sees a byte read outside.
    private func check(_ bytes: [UInt8]) {
        let text = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count)
        text.initialize(from: bytes, count: bytes.count)
        defer { text.deallocate() }
        for offset in 0...bytes.count {
            let expected = plainEnd(of: bytes, from: offset)
            let byBlocks = shim_plain_end(text, offset, bytes.count)
            let byWords = shim_plain_end_by_words(text, offset, bytes.count)
            guard byBlocks != expected || byWords != expected else { continue }
            Issue.record("from \(offset) in \(bytes): \(byBlocks), \(byWords), not \(expected)")
            return
        }
    }

    @Test("stops at every byte that is not plain, wherever it lies")
    func everyByteEverywhere() {
        for length in 0...40 {
            for byte in UInt8.min...UInt8.max {
                for position in Swift.stride(from: 0, to: length, by: 1) {
                    var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    bytes[position] = byte
                    let text = bytes
                    let expected = plainEnd(of: text, from: 0)
                    withBytes(text) { text in
                        guard let base = text.baseAddress else { return }
                        #expect(shim_plain_end(base, 0, length) == expected)
                        #expect(shim_plain_end_by_words(base, 0, length) == expected)
                    }
                }
            }
        }
    }

    @Test("finds the same as a byte-by-byte loop in random texts")
    func randomTexts() {
        var random = RandomTexts(state: 0x5EED)
        for _ in 0..<4000 { check(random.text()) }
    }

    @Test("reads nothing outside of the text")
    func nothingOutside() {
        // Bytes that would stop the scan lie on both sides of a text that does not.
        for length in 0...64 {
            for before in 0...17 {
                var bytes = [UInt8](repeating: 0, count: before + length + 17)
                for index in before..<before + length { bytes[index] = UInt8(ascii: "x") }
                withBytes(bytes) { bytes in
                    guard let base = bytes.baseAddress else { return }
                    let text = base + before
                    for offset in 0...length {
                        #expect(shim_plain_end(text, offset, length) == length)
                        #expect(shim_plain_end_by_words(text, offset, length) == length)
                    }
                }
            }
        }
    }
}

/// Mostly plain text with bytes in it that are at the edges of what is plain.
private struct RandomTexts {
    var state: UInt64

    private static let edges: [UInt8] = [
        0x00, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0x81, 0xA2, 0xDC, 0xFF,
    ]

    mutating func text() -> [UInt8] {
        let length = number(below: 70)
        let rarity = 1 + number(below: 40)
        return (0..<length).map { _ in
            if number(below: rarity) == 0 {
                return RandomTexts.edges[number(below: RandomTexts.edges.count)]
            }
            return UInt8(0x20 + number(below: 0x60))
        }
    }

    private mutating func number(below bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}
