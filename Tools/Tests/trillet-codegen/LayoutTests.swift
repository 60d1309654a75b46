import Testing
import Yams

@testable import trillet_codegen

@Suite("Layout")
struct LayoutTests {
    @Test("breaks text at spaces, never beyond the width")
    func wrapsText() {
        let lines = wrap("one two three four", width: 11, first: "- ", rest: "  ")
        #expect(lines == ["- one two", "  three", "  four"])
    }

    @Test("leaves a word that is too long on a line of its own")
    func keepsLongWords() {
        #expect(wrap("a incomprehensible b", width: 6) == ["a", "incomprehensible", "b"])
    }

    @Test("breaks compact JSON after commas that stand outside strings")
    func wrapsJSON() {
        let lines = wrapAtCommas(#"{"a":"x,y","b":[1,2]}"#, width: 12, indentation: "")
        #expect(lines == [#"{"a":"x,y","#, #" "b":[1,2]}"#])
    }

    @Test("tells paragraphs from what is indented")
    func findsBlocks() {
        let found = blocks(of: "One\ntwo.\n\n    {\n      1}\n\nThree.")
        #expect(found == [.paragraph("One two."), .verbatim(["{", "  1}"]), .paragraph("Three.")])
    }

    @Test(
        "writes JSON numbers as they are written, and quoted scalars as strings",
        arguments: [
            ("[0.60, 1932109200000, -1e3]", "[0.60,1932109200000,-1e3]"),
            (#"["1", true, null, 5d1c]"#, #"["1",true,null,"5d1c"]"#),
            (#"{a: "q\"\\\n", b: {}}"#, #"{"a":"q\"\\\n","b":{}}"#),
        ]
    )
    func writesJSON(yaml: String, json: String) throws {
        let node = try #require(try Yams.compose(yaml: yaml))
        #expect(JSONText.compact(node) == json)
    }

    @Test(
        "gives a Python name to every API name",
        arguments: [("toNumber", "to_number"), ("csv", "csv"), ("scheduledAt", "scheduled_at")]
    )
    func namesForPython(name: String, expected: String) {
        #expect(snakeCase(name) == expected)
    }
}
