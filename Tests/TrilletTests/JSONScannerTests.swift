import Testing

@testable import Trillet

@Suite("The JSON scanner")
struct JSONScannerTests {
    private func reason(_ text: String, lone: Bool = false) -> JSONError.Reason? {
        reason(Array(text.utf8), lone: lone)
    }

    private func reason(_ bytes: [UInt8], lone: Bool = false) -> JSONError.Reason? {
        withBytes(bytes) { bytes in
            do throws(JSONError) {
                _ = try JSONScanner.check(bytes, allowsLoneSurrogates: lone)
                return nil
            } catch {
                return error.reason
            }
        }
    }

    @Test(
        "accepts what RFC 8259 allows",
        arguments: [
            "null", "true", "false", "0", "-0", "1.5e+10", "\"\"", "[]", "{}", " [ 1 , 2 ] \n",
            #"{"a":{"b":[{}]},"a":1}"#, #""\u0041\n\/\\""#, #""\ud83d\ude00""#, "\"\u{10FFFF}é\"",
        ]
    )
    func accepts(_ text: String) {
        #expect(reason(text) == nil)
    }

    @Test(
        "refuses everything else",
        arguments: [
            "", " ", "[1,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, "01", "-", "1.",
            ".5", "1e", "+1", "0x1", "NaN", "Infinity", "tru", "truee", "[1}", "{]", "]", "'a'",
            "\"a", "\"\\x\"", "\"\\u12\"", "[1] 2", "\u{FEFF}1", "// c\n1", "\"\t\"",
        ]
    )
    func refuses(_ text: String) {
        #expect(reason(text) != nil)
    }

    @Test(
        "refuses ill-formed UTF-8: overlong forms, surrogates, cut and stray bytes",
        arguments: [
            [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xFF],
        ] as [[UInt8]]
    )
    func refusesIllFormedUTF8(_ bytes: [UInt8]) {
        #expect(reason([0x22] + bytes + [0x22]) == .illFormedUTF8)
    }

    @Test(
        "matches brackets at every depth",
        arguments: [1, 2, 63, 64, 65, 66, 127, 128, 129, 191, 192, 193, 511, 512]
    )
    func matchesBrackets(_ depth: Int) {
        for pattern in [0b0, 0b1, 0b01, 0b001, 0b0110] as [UInt64] {
            let isObject = { (level: Int) in pattern >> UInt64(level % 4) & 1 == 1 }
            let opened = (0..<depth).map { isObject($0) ? #"{"k":"# : "[" }.joined()
            let closed = (0..<depth).reversed().map { isObject($0) ? "}" : "]" }
            #expect(reason(opened + "0" + closed.joined()) == nil)
            #expect(
                reason("[1," + opened + "0" + closed.joined() + ",2]")
                    == (depth < 512 ? nil : .tooDeep)
            )
            for wrong in [0, depth / 2, depth - 1] {
                var swapped = closed
                swapped[wrong] = swapped[wrong] == "}" ? "]" : "}"
                #expect(reason(opened + "0" + swapped.joined()) == .unexpectedByte)
            }
            let between = opened + "0" + closed.dropLast().joined()
            let next = isObject(0) ? #","l":1}"# : ",1]"
            #expect(reason(between + next) == nil)
        }
    }

    @Test("refuses a lone surrogate in a request and passes it on in an answer")
    func loneSurrogates() {
        for text in [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800x""#] {
            #expect(reason(text) == .loneSurrogate)
            #expect(reason(text, lone: true) == nil)
        }
    }

    @Test("allows 512 levels and refuses the next, without using the stack")
    func depth() {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(reason(nested(512)) == nil)
        #expect(reason(nested(513)) == .tooDeep)
        #expect(reason(String(repeating: "[{\"a\":", count: 100_000)) == .tooDeep)
    }

    @Test("says at which byte the mistake is")
    func offsets() {
        func offset(_ text: String) -> Int? {
            withBytes(text) { bytes in
                do throws(JSONError) {
                    _ = try JSONScanner.check(bytes, allowsLoneSurrogates: false)
                    return nil
                } catch {
                    return error.offset
                }
            }
        }
        #expect(offset(#"{"a":tru}"#) == 8)
        #expect(offset(#"{"a":1"#) == 6)
        #expect(offset(#"["é",x]"#) == 6)
    }

    @Test("never traps, whatever the bytes")
    func survivesMutations() {
        var generator = SplitMix64(state: 42)
        let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null,{"b":{}}],"c":"é"}"#.utf8)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.insert(bytes[bytes.count - 1 - index], at: index)
                }
            }
            withBytes(bytes) { bytes in
                guard let value = try? JSONScanner.check(bytes, allowsLoneSurrogates: true) else {
                    return
                }
                value.forEachMember { member in _ = member.name.decoded() }
            }
        }
    }
}

struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
