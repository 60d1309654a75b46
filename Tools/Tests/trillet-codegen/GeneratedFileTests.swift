import Testing

@testable import trillet_codegen

/// A writer of a part of a file by hand.
private struct Part: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "part"

    func text() -> String { "new\n" }
}

private let opening = "// Generated: part. Change the descriptions in api, then make generate.\n"
private let closing = "// End of generated: part.\n"

@Suite("A generated part")
struct GeneratedFileTests {
    @Test("takes the place of the former one, and leaves what stands around it")
    func replacesPart() throws {
        let file = try GeneratedFile(Part())
        let text = try file.text(in: "before\n\(opening)old\n\(closing)after\n")
        #expect(text == "before\n\(opening)new\n\(closing)after\n")
    }

    @Test(
        "is refused where the file lacks one of its marks",
        arguments: ["before\nafter\n", opening, closing, closing + opening]
    )
    func needsMarks(present: String) throws {
        let file = try GeneratedFile(Part())
        let error = #expect(throws: DescriptionError.self) { try file.text(in: present) }
        #expect(error?.description.hasPrefix("include/trillet.hpp: lacks the lines") == true)
    }
}
