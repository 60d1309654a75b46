import Testing

@testable import Trillet

@Suite("A log line")
struct LogLineTests {
    private func value(_ text: String) -> String {
        value(Array(text.utf8))
    }

    private func value(_ bytes: [UInt8]) -> String {
        var line = LogLine("e")
        withBytes(bytes) { line.add("v", text: $0) }
        return String(String(lineOf: line).dropFirst("event=e v=".count))
    }

    @Test("is a list of key=value pairs")
    func pairs() {
        var line = LogLine("call_failed", mask: SecretMask([Array("sandbox-key".utf8)]))
        line.add("operation", "calls.send")
        line.add("id", UInt64.max)
        line.add("attempt", 2)
        line.add("status", 0)
        line.add("elapsed_ms", microseconds: 84_290)
        line.add("message", text: "No route to \("host" as StaticString)")
        #expect(
            String(lineOf: line)
                == """
                event=call_failed operation=calls.send id=18446744073709551615 attempt=2 status=0 \
                elapsed_ms=84.2 message="No route to host"
                """
        )
    }

    @Test("leaves the library's own numbers whole")
    func ownNumbers() {
        var line = LogLine("e", mask: SecretMask([Array("1234567".utf8)]))
        line.add("id", 123_456_789)
        line.add("waited_ms", microseconds: 12_345_678_900)
        #expect(String(lineOf: line) == "event=e id=123456789 waited_ms=12345678.9")
    }

    @Test(
        "quotes a value that would not stand alone",
        arguments: [
            ("plain", "plain"), ("/v1/a?b", "/v1/a?b"), ("", #""""#),
            ("two words", #""two words""#),
            ("a=b", #""a=b""#), (#"say "no""#, #""say \"no\"""#), (#"a\b"#, #""a\\b""#),
            ("é", "\"é\""),
        ]
    )
    func quotes(_ text: String, _ expected: String) {
        #expect(value(text) == expected)
    }

    @Test("cannot be ended or turned by what stands in it")
    func controls() {
        #expect(
            value("a\r\nevent=forged\t\u{0}\u{1B}[2J\u{7F}")
                == #""a\r\nevent=forged\t\u0000\u001b[2J\u007f""#
        )
        #expect(value("\u{85}\u{9B}\u{2028}\u{2029}") == #""\u0085\u009b\u2028\u2029""#)
        #expect(value("\u{202E}\u{2066}\u{200B}\u{FEFF}") == #""\u202e\u2066\u200b\ufeff""#)
    }

    @Test("has U+FFFD where UTF-8 is ill-formed")
    func illFormed() {
        #expect(
            value([0x61, 0xFF, 0xC3, 0x62, 0xE2, 0x82]) == "\"a\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}\""
        )
    }

    @Test("cuts a long text at 512 bytes, and never inside a character")
    func cuts() {
        let longest = String(repeating: "x", count: 512)
        #expect(value(longest) == longest)
        #expect(value(longest + "x") == "\"\(longest)…\"")
        #expect(value(String(longest.dropLast()) + "éé") == "\"\(longest.dropLast())…\"")
        #expect(value(String(longest.dropLast(2)) + "éé") == "\"\(longest.dropLast(2))é…\"")
        #expect(value([UInt8](repeating: 0x80, count: 600)).count == 512 + 3)
        #expect(value(String(repeating: "x", count: 1_000_000)).utf8.count == 512 + 5)
    }
}
