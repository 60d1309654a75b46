import Foundation

/// A file to write: all of its text, or its generated part.
struct GeneratedFile {
    let path: String
    private let section: String?
    private let written: String

    static func all(from description: Description) throws -> [GeneratedFile] {
        try writers(of: description).map(GeneratedFile.init)
    }

    init(_ writer: any Writer) throws {
        path = writer.path
        section = writer.section
        written = try writer.text()
    }

    /// The whole text, where `present` is what the file has now.
    func text(in present: String?) throws -> String {
        guard let section else { return written }
        let start = "// Generated: \(section). \(GeneratedFile.advice)\n"
        let end = "// End of generated: \(section).\n"
        let lines = present ?? ""
        guard let opening = lines.range(of: start), let closing = lines.range(of: end),
            opening.upperBound <= closing.lowerBound
        else {
            throw DescriptionError(
                place: path,
                problem: "lacks the lines '\(start.dropLast())' and '\(end.dropLast())'"
            )
        }
        return lines[..<opening.upperBound] + written + lines[closing.lowerBound...]
    }

    private static let advice = "Change the descriptions in api, then make generate."
}
