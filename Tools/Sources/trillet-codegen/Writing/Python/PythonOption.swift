import Foundation

/// An option as Python has it.
struct PythonOption {
    private let option: LibraryOption
    /// API names with the Python names that stand for them in descriptions.
    private let names: [String: String]

    init(_ option: LibraryOption, among options: [LibraryOption]) {
        self.option = option
        names = Dictionary(uniqueKeysWithValues: options.map { ($0.name, snakeCase($0.name)) })
    }

    var name: String { snakeCase(option.name) }
    var isSecret: Bool { option.isSecret }
    /// `"maxRetries"`.
    var key: String { "\"\(option.name)\"" }

    var type: String {
        switch option.kind {
        case .string: option.isPath ? "str | bytes | os.PathLike[str] | os.PathLike[bytes]" : "str"
        case .integer: "int"
        case .boolean where option.values.isEmpty: "bool"
        case .boolean:
            "bool | Literal[\(option.values.map(JSONText.quoted).joined(separator: ", "))]"
        case .object: "Mapping[str, str]"
        case .array: "Sequence[str]"
        }
    }

    /// The default of a number.
    var number: String? {
        guard option.kind == .integer, case .value(let text) = option.absent else { return nil }
        return text
    }

    /// "max_retries: How often it may be sent again. 0 to 100, default 2."
    var documentation: String {
        let text = inPython(option.description)
        let values = [option.rangeText, option.unit].compactMap { $0 }.joined(separator: " ")
        let isNothing = option.defaultText == LibraryOption.nothing
        let facts = [values, isNothing ? "" : "default \(inPython(option.defaultText))"]
            .filter { !$0.isEmpty }
            .joined(separator: ", ")
        if facts.isEmpty { return "\(name): \(text)" }
        return "\(name): \(text) \(facts.prefix(1).uppercased())\(facts.dropFirst())."
    }

    private func inPython(_ text: String) -> String {
        text.replacing(/\w+/) { match in
            let word = String(match.output)
            return names[word] ?? (word == "true" || word == "false" ? word.capitalized : word)
        }
    }

    /// The lines of a docstring that describe options.
    static func documentation(_ options: [PythonOption], indentation: String) -> String {
        options.flatMap { option in
            wrap(
                option.documentation,
                width: 100,
                first: indentation,
                rest: indentation + "    "
            )
        }.joined(separator: "\n")
    }
}
