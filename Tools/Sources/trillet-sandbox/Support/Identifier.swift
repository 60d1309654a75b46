/// New identifiers in the forms the service uses.
enum Identifier {
    private static let hexadecimal = Array("0123456789abcdef")
    private static let mixedCase = Array(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    )
    private static let alphanumeric = Array("0123456789abcdefghijklmnopqrstuvwxyz")

    /// 24 hexadecimal digits: eight of the time in seconds, sixteen at random.
    static func document(at milliseconds: Int64) -> String {
        let seconds = UInt32(truncatingIfNeeded: milliseconds / 1_000)
        let time = String(seconds, radix: 16)
        return String(repeating: "0", count: 8 - time.count) + time + random(hexadecimal, 16)
    }

    static func call() -> String { random(mixedCase, 12) }

    /// Twelve letters and digits that look random: different for different numbers, the same for the
    /// same seed and number.
    static func call(seed: UInt64, number: UInt64) -> String {
        var generator = SeededGenerator(key: [seed])
        var value = number
        // Each step can be undone, so that no two numbers become the same.
        for _ in 0..<3 {
            value = value &* (generator.next() | 1) &+ generator.next()
            value ^= value >> 29
        }
        var text: [Character] = [mixedCase[Int((value >> 11) % 62)]]
        for _ in 0..<11 {
            text.append(mixedCase[Int(value % 62)])
            value /= 62
        }
        return String(text)
    }

    static func egress() -> String { "EG_" + random(mixedCase, 12) }

    static func fileKey() -> String { "kb_" + random(hexadecimal, 16) }

    static func conversation() -> String { "conv_" + random(hexadecimal, 16) }

    static func message() -> String { "msg_" + random(hexadecimal, 16) }

    /// What a browser joins a web call with.
    static func webCallToken() -> String { "sandbox-web-" + random(mixedCase, 40) }

    static func request() -> String { "req_" + random(hexadecimal, 24) }

    static func delivery() -> String { "evt_" + random(hexadecimal, 24) }

    static func webhook() -> String { "wh_" + random(hexadecimal, 16) }

    static func apiKey() -> String { "key_" + random(alphanumeric, 32) }

    /// 32 hexadecimal digits, for one answer's Content-Security-Policy.
    static func nonce() -> String { random(hexadecimal, 32) }

    /// What takes the place of a secret that is never kept.
    static func concealment() -> String { concealmentPrefix + random(hexadecimal, 32) }

    static let concealmentPrefix = "encrypted:"

    /// Up to this many digits of either alphabet are in 64 random bits.
    private static let digitsPerDraw = 12

    private static func random(_ alphabet: [Character], _ count: Int) -> String {
        var text = ""
        var bits: UInt64 = 0
        for position in 0..<count {
            if position.isMultiple(of: digitsPerDraw) { bits = .random(in: .min ... .max) }
            let (rest, digit) = bits.quotientAndRemainder(dividingBy: UInt64(alphabet.count))
            text.append(alphabet[Int(digit)])
            bits = rest
        }
        return text
    }
}
