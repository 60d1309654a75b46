import Testing

@testable import Trillet

@Suite("A text from outside in the log")
struct LogMaskingTests {
    private func shown(_ text: String, key: String = "sk-4f/7\"é%key") -> String {
        var line = LogLine("e", mask: SecretMask([Array(key.utf8)]))
        withBytes(text) { line.add("v", text: $0) }
        return String(String(lineOf: line).dropFirst("event=e v=".count))
    }

    @Test(
        "shows only the last two digits of a phone number, however it is written",
        arguments: [
            ("+12025550164", "+*********64"),
            ("12025550164", "*********64"),
            ("5550164", "*****64"),
            ("to=+12025550164,", "\"to=+*********64,\""),
            ("(202) 555-0164", "\"(***) ***-**64\""),
            ("+1 (202) 555-0164", "\"+* (***) ***-**64\""),
            ("+1.202.555.0164", "+*.***.***.**64"),
            ("1.202.555.0164", "*.***.***.**64"),
            ("01.23.45.67.89", "**.**.**.**.89"),
            ("20.25.55.16", "**.**.**.16"),
            ("+ 49 (0) 30 - 901820", "\"+ ** (*) ** - ****20\""),
            ("/calls/%2B12025550164/x", "/calls/%2B*********64/x"),
            ("%2b12025550164", "%2b*********64"),
            ("%28202%29%20555-0164", "%28***%29%20***-**64"),
            (#"{"to":"\u002b12025550164"}"#, #""{\"to\":\"\\u002b*********64\"}""#),
            (#"a\n12025550164"#, #""a\\n*********64""#),
            (#"a\\n2025550"#, #""a\\\\n*****50""#),
            (#"\\u002b2025550"#, #""\\\\u002b*****50""#),
            (#"\\u002b202555016400"#, #""\\\\u002b**********00""#),
            ("%252B2025550", "%252B*****50"),
            ("2.42.5.4 720", "\"*.**.*.* *20\""),
            ("2.42.5.4%20720", "*.**.*.*%20*20"),
            ("to%3D5550164", "to%3D*****64"),
            ("%2012025550164", "%20*********64"),
            ("%12025550164", "%*********64"),
            ("tel+5550164", "tel+*****64"),
            ("tel:5550164", "tel:*****64"),
            ("tel12025550164", "tel*********64"),
            ("to_12025550164", "to_*********64"),
            ("555-0164x5", "***-**64x5"),
            ("12025550164ms", "*********64ms"),
            ("v1 5550164", "\"v1 *****64\""),
            ("202\u{A0}555\u{2011}0164", "\"***\u{A0}***\u{2011}**64\""),
            ("é5550164é", "\"é*****64é\""),
            ("12025550164 12025550188", "\"*********** *********88\""),
            ("2031-04-02 12025550164", "\"****-**-** *********64\""),
            ("2025-11-16-4455", "****-**-**-**55"),
            ("192.168.100.2001", "***.***.***.**01"),
            ("1.2.3.4-5550164", "*.*.*.*-*****64"),
        ]
    )
    func masksNumbers(_ text: String, _ expected: String) {
        #expect(shown(text) == expected)
    }

    @Test(
        "keeps what only looks like a number: ids, times, addresses, small numbers",
        arguments: [
            "5d1c0a77e2b94f0013ab6c21", "5d1c00123456789013ab6c21", "call_k2f81", "batch_4402117",
            "550e8400-e29b-41d4-a716-446655440000", "/v1/api/batch-calls/batch_4402117/calls",
            "2031-04-02T09:15:00Z", "2031-04-02T09:15:00.123456Z", "2031-04-02T09:15:00+02:00",
            "2031-04-02", "2031-04-02T09%3A15%3A00Z", "192.168.100.200", "192.168.100.200:4010",
            "10.0.0.5", "HTTP/1.1", "libcurl/7.88.1", "555016", "+555016", "429", "x-1-2-3",
            "k2f811234567",
        ]
    )
    func keepsOthers(_ text: String) {
        #expect(shown(text) == text)
    }

    @Test(
        "keeps times and addresses in sentences",
        arguments: [
            "until 2031-04-02 09:15:00, then", "Wed, 02 Apr 2031 09:15:00 GMT", "on 2031-04-02.",
            "connect to 192.168.100.200 port 443 failed", "after 30001 milliseconds with 0 bytes",
        ]
    )
    func keepsSentences(_ text: String) {
        #expect(shown(text) == "\"\(text)\"")
    }

    @Test(
        "never shows the API key: as it is, percent-encoded, or escaped as in JSON",
        arguments: [
            #"sk-4f/7"é%key"#,
            #"key sk-4f/7"é%key."#,
            "sk-4f%2F7%22%C3%A9%25key",
            "sk-4f%2f7%22%c3%a9%25key",
            "%73k-4f/7%22%C3%A9%25key",
            #"sk-4f\/7\"é%key"#,
            #"sk-4f/7\"\u00e9%key"#,
            #"\u0073k-4f/7\u0022\u00E9%key"#,
        ]
    )
    func masksKey(_ text: String) {
        let hidden = shown(text, key: #"sk-4f/7"é%key"#)
        #expect(hidden == "***" || hidden == "\"key ***.\"")
    }

    @Test("hides what is left of a key that was cut off, when that is enough to matter")
    func masksCutKey() {
        #expect(shown("bad: sandbox-ke", key: "sandbox-key") == "\"bad: ***\"")
        #expect(shown("bad: sandbox-…", key: "sandbox-key") == "\"bad: ***…\"")
        #expect(shown("a sandbox", key: "sandbox-key") == "\"a sandbox\"")
    }

    @Test("hides a key that is cut off by the line's own limit, and a number there")
    func masksAtTheCut() {
        for length in 490...515 {
            let filler = String(repeating: "x", count: length) + " "
            let withKey = shown(filler + "sandbox-key", key: "sandbox-key")
            #expect(!withKey.contains("san"), "\(length)")
            let withNumber = shown(filler + "+12025550164")
            #expect(!withNumber.contains("120"), "\(length)")
        }
    }

    @Test("hides a number put anywhere, in any form", arguments: 1...4 as ClosedRange<UInt64>)
    func numbersAnywhere(_ seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let (number, digits) = randomNumber(&random)
            let text = randomText(&random) + number + randomText(&random)
            let line = shown(text, key: "sandbox-key")
            #expect(!unquoted(line).contains(number), "\(text)")
            #expect(!line.filter(\.isNumber).contains(digits), "\(text)")
        }
    }

    @Test("hides a key put anywhere, in any spelling", arguments: 1...4 as ClosedRange<UInt64>)
    func keysAnywhere(_ seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let key = (0..<Int.random(in: 4...30, using: &random)).map { _ in
                Array("abcxyzABC-_./+%\"\\é€😀 ~").randomElement(using: &random)!
            }
            let spelled = spelling(of: String(key), &random)
            let text = randomText(&random) + spelled + randomText(&random)
            let line = shown(text, key: String(key))
            #expect(line.contains("***"), "\(text)")
            #expect(!unquoted(line).contains(spelled), "\(String(key)) in \(text)")
        }
    }

    /// Ten digits and more, or a plus in front, so that letters may stand next to them.
    private func randomNumber(_ random: inout SeededRandom) -> (String, digits: String) {
        let separators = ["", "", "", " ", "-", ".", ") ", " (", "%20", "\u{A0}", #"\u002d"#]
        var digits = ""
        let mark = ["", "+", "%2B", #"\u002b"#].randomElement(using: &random)!
        var number = mark
        for position in 0..<Int.random(in: 10...15, using: &random) {
            if position > 0, Int.random(in: 0..<3, using: &random) == 0 {
                number += separators.randomElement(using: &random)!
            }
            let digit = "\(Int.random(in: 0...9, using: &random))"
            number += digit
            digits += digit
        }
        return (number, digits)
    }

    /// Without the letters a to f: among them digits can be an id.
    private func randomText(_ random: inout SeededRandom) -> String {
        let pieces = [
            " ", "g", "Tel", "to", "_", ":", "=", "\"", "\\", "%", "\n", #"\n"#, "é", "/", "+", "-",
            "(", ")", ".", ",", "{", "12", "3", "%3D", #"\u0022"#, "😀", "\u{2028}",
        ]
        return (0..<Int.random(in: 0...6, using: &random))
            .map { _ in pieces.randomElement(using: &random)! }
            .joined()
    }

    private func spelling(of key: String, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: key
        case 1:
            key.utf8.map { byte in
                let isPlain = UInt8(ascii: "!")...UInt8(ascii: "~") ~= byte && byte != 0x25
                let digits = String(byte, radix: 16, uppercase: Bool.random(using: &random))
                return isPlain && Bool.random(using: &random)
                    ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + digits
            }.joined()
        default:
            key.map { character in
                if character == "\"" || character == "\\" { return "\\\(character)" }
                guard Bool.random(using: &random) else { return String(character) }
                return character.utf16.map { unit in
                    let digits = String(unit, radix: 16)
                    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }.joined()
            }.joined()
        }
    }

    /// What a logfmt reader makes of a value.
    private func unquoted(_ value: String) -> String {
        guard value.hasPrefix("\"") else { return value }
        return withBytes(value) { String(decoding: JSONText(quoted: $0).decoded(), as: UTF8.self) }
    }
}
