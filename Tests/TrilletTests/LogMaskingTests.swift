import Testing

@testable import Trillet

@Suite("A text from outside in the log")
struct LogMaskingTests {
    private func shown(_ text: String, key: String = "sk-4f/7\"é%key") -> String {
        var line = LogLine("e", secret: Array(key.utf8))
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
            "k2f8112345678",
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
}
