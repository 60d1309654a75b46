/// A quiet tone as an MP3 file: MPEG 1 layer III, mono, 44.1 kHz, 32 kbit/s. Every frame has the same
/// bytes, each with one spectral line, so that nothing has to be encoded.
enum Tone {
    /// The length of a frame in bytes.
    static let frameLength = 104
    private static let samplesPerFrame: Int64 = 1_152
    private static let samplesPerSecond: Int64 = 44_100

    /// - Parameter milliseconds: rounded up to whole frames of 26 ms.
    static func mp3(milliseconds: Int64) -> [UInt8] {
        let samples = max(milliseconds, 1) * samplesPerSecond / 1_000
        let frames = (samples + samplesPerFrame - 1) / samplesPerFrame
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(frames) * frameLength)
        for _ in 0..<frames { bytes += frame }
        return bytes
    }

    private static let frame: [UInt8] = {
        var bits = BitWriter(bytes: [0xFF, 0xFB, 0x10, 0xC4])
        // Where the main data begins, private bits, scale factors that are not shared.
        bits.append(0, count: 18)
        for _ in 0..<2 { appendGranule(&bits) }
        for _ in 0..<2 {
            // Pairs of lines that are silent up to 460 Hz, then one with a value and its sign.
            bits.append(0b111_111, count: silentPairs)
            bits.append(0b010, count: 3)
        }
        bits.append(0, count: frameLength * 8 - bits.count)
        return bits.bytes
    }()

    private static let silentPairs = 6
    /// A sixteenth of full scale.
    private static let gain = 194

    private static func appendGranule(_ bits: inout BitWriter) {
        bits.append(silentPairs + 3, count: 12)
        bits.append(silentPairs + 1, count: 9)
        bits.append(gain, count: 8)
        // No scale factors, long blocks.
        bits.append(0, count: 5)
        // Huffman table 1 in all three regions, whose borders do not matter then.
        for _ in 0..<3 { bits.append(1, count: 5) }
        bits.append(0, count: 10)
    }
}

/// Puts bits together, the highest first.
private struct BitWriter {
    private(set) var bytes: [UInt8]
    private(set) var count: Int

    init(bytes: [UInt8]) {
        self.bytes = bytes
        count = bytes.count * 8
    }

    mutating func append(_ value: Int, count length: Int) {
        for position in (0..<length).reversed() {
            if count.isMultiple(of: 8) { bytes.append(0) }
            let bit = position < Int.bitWidth ? UInt8(truncatingIfNeeded: value >> position) & 1 : 0
            bytes[bytes.count - 1] |= bit << UInt8(7 - count % 8)
            count += 1
        }
    }
}
