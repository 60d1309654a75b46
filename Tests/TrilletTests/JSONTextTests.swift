import Testing

@testable import Trillet

@Suite("JSON strings and numbers")
struct JSONTextTests {
    private func decoded(_ quoted: String) -> String {
        withBytes(quoted) { bytes in
            String(decoding: JSONText(quoted: bytes).decoded(), as: UTF8.self)
        }
    }

    private func integer(_ text: String) -> Int? {
        withBytes(text) { JSONValue(kind: .number, text: $0, hasEscapes: false).integer }
    }

    @Test("are decoded with all their escapes")
    func decodesEscapes() {
        #expect(decoded(#""a\"\\\/\b\f\n\r\tz""#) == "a\"\\/\u{8}\u{C}\n\r\tz")
        #expect(decoded(#""\u0041\u00e9\u20ac\ud83d\ude00""#) == "Aé€😀")
        #expect(decoded(#""\u0000x""#) == "\0x")
    }

    @Test("turn a surrogate without its other half into U+FFFD when decoded")
    func decodesLoneSurrogates() {
        #expect(decoded(#""a\ud800b""#) == "a\u{FFFD}b")
        #expect(decoded(#""\udc00\ud800\u0041""#) == "\u{FFFD}\u{FFFD}A")
    }

    @Test("are written so that any reader takes them, ill-formed UTF-8 replaced")
    func writesStrings() {
        #expect(
            written { $0.append(jsonString: Array("a\"\\\u{1}\u{7F}é\n".utf8)) }
                == #""a\"\\\u0001\u007fé\n""#
        )
        #expect(written { $0.append(jsonString: [0x61, 0xFF, 0x62]) } == "\"a\u{FFFD}b\"")
    }

    @Test("compare by what they stand for, not by how they are written")
    func compares() {
        withBytes(#""agent\u0049d""#) { #expect(JSONText(quoted: $0).equals("agentId")) }
        withBytes(#""é\u0049d""#) { #expect(JSONText(quoted: $0).equals("éId")) }
        withBytes(#""agentI""#) { #expect(!JSONText(quoted: $0).equals("agentId")) }
    }

    @Test("give an integer only when they are one that fits")
    func integers() {
        #expect(integer("0") == 0)
        #expect(integer("-12") == -12)
        #expect(integer("9223372036854775807") == Int.max)
        #expect(integer("9223372036854775808") == nil)
        #expect(integer("1.0") == nil)
        #expect(integer("1e3") == nil)
    }
}
