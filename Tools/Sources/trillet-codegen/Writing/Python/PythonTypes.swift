/// bindings/python/src/trillet/types.py: the objects of requests and answers.
struct PythonTypes: Writer {
    let path = "bindings/python/src/trillet/types.py"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() throws -> String {
        let records = description.records.filter { !isMultipart($0, description) }
        var text = """
            # \(generatedMark)
            \"""The objects of requests and answers, with the API's own names.

            A key that is always there is declared in a class of its own whose name starts with an
            underscore; the service may leave out every other key and may send more than these.
            \"""

            from __future__ import annotations

            from typing import Any, Literal, TypedDict

            __all__ = [
            \(records.map { "    \"\($0.name)\"," }.sorted().joined(separator: "\n"))
            ]



            """
        text += try records.map(classText).joined(separator: "\n\n")
        return text
    }
}

/// Multipart bodies have no object of their own: their fields are arguments.
private func isMultipart(_ record: Record, _ description: Description) -> Bool {
    record.members.contains(where: \.isFile)
}

private func classText(_ record: Record) throws -> String {
    let required = record.members.filter(\.isRequired)
    let optional = record.members.filter { !$0.isRequired }
    let documentation = "    \"\"\"\(record.description)\"\"\"\n"
    if required.isEmpty {
        return """
            class \(record.name)(TypedDict, total=False):
            \(documentation)\(try body(optional))
            """
    }
    if optional.isEmpty {
        return """
            class \(record.name)(TypedDict):
            \(documentation)\(try body(required))
            """
    }
    return """
        class _\(record.name)Required(TypedDict):
        \(documentation)\(try body(required))

        class \(record.name)(_\(record.name)Required, total=False):
        \(documentation)\(try body(optional))
        """
}

private func body(_ members: [Member]) throws -> String {
    try members.map { member in
        guard isPythonIdentifier(member.name) else {
            throw DescriptionError(
                place: member.name,
                problem: "is no Python identifier; teach pythonTypes the functional syntax"
            )
        }
        let comment = wrap(member.description, width: 100, first: "    # ", rest: "    # ")
        let line = "    \(member.name): \(member.pythonAnswerType)\n"
        return "\n" + comment.joined(separator: "\n") + "\n" + line
    }.joined()
}

private func isPythonIdentifier(_ name: String) -> Bool {
    let keywords: Set<String> = [
        "class", "def", "del", "from", "global", "import", "in", "is", "lambda", "not", "or",
        "pass", "raise", "return", "with", "yield", "and", "as", "if", "else", "for", "while",
    ]
    return name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil && !keywords.contains(name)
}

extension Member {
    /// The type of a method's argument: only the values that the service takes, where it takes no
    /// others.
    var pythonArgumentType: String { pythonLiteral ?? type.pythonArgumentType }

    fileprivate var pythonAnswerType: String { pythonLiteral ?? type.pythonAnswerType }

    private var pythonLiteral: String? {
        guard !choices.isEmpty, type == .string else { return nil }
        return "Literal[\(choices.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }
}

extension ValueType {
    /// The type of a value within a TypedDict.
    var pythonAnswerType: String {
        switch self {
        case .any: "Any"
        case .string, .phoneNumber: "str"
        case .integer: "int"
        case .number: "float"
        case .boolean: "bool"
        case .list(let type): "list[\(type.pythonAnswerType)]"
        case .record(let name): name
        case .map(let type): "dict[str, \(type.pythonAnswerType)]"
        case .union(let types): types.map(\.pythonAnswerType).joined(separator: " | ")
        case .nullable(let type): "\(type.pythonAnswerType) | None"
        }
    }

    /// The type of a method's argument, as wide as the library takes it.
    var pythonArgumentType: String {
        switch self {
        case .any: "object"
        case .list(let type): "Sequence[\(type.pythonArgumentType)]"
        case .record(let name): "types.\(name)"
        case .map(let type): "Mapping[str, \(type.pythonArgumentType)]"
        case .union(let types): types.map(\.pythonArgumentType).joined(separator: " | ")
        case .nullable(let type): type.pythonArgumentType
        case .string, .phoneNumber, .integer, .number, .boolean: pythonAnswerType
        }
    }
}
