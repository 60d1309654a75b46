/// One operation's part of docs/reference.md.
struct OperationReference {
    private let operation: Operation
    private let description: Description

    init(_ operation: Operation, in description: Description) {
        self.operation = operation
        self.description = description
    }

    func text() -> String {
        [
            "### `\(operation.function)`",
            operation.summary,
            operation.description,
            routes,
            assumptions,
            "```c\n\(prototype)\n```",
            "```python\n\(pythonSignature)\n```",
            request,
            answer,
            errors,
        ].compactMap { $0 }.joined(separator: "\n\n")
    }

    // MARK: Where it goes

    private var routes: String {
        """
        | routes | method and path | source |
        | --- | --- | --- |
        | overview | `\(operation.overview.line)` | \(operation.source) |
        | published | `\(operation.published.line)` | \(operation.publishedSource) |
        """
    }

    private var assumptions: String? {
        if operation.assumptions.isEmpty { return nil }
        return operation.assumptions.map { "\u{2020} \($0)" }.joined(separator: "\n\n")
    }

    private var prototype: String {
        let endpoints = description.library.endpoints
        let start = "\(endpoints.returnType)\(operation.function)("
        let indentation = String(repeating: " ", count: start.count)
        let parameters = endpoints.parameters.map { "\($0.type)\($0.name)" }
        return start + parameters.joined(separator: ",\n\(indentation)") + ");"
    }

    private var pythonSignature: String {
        let signature = PythonSignature(operation)
        let lines = signature.lines.map { "    \($0),\n" }.joined()
        return "client.\(operation.resource).\(operation.pythonMethod)(\n\(lines)) "
            + "-> \(signature.returnType)"
    }

    // MARK: What it takes

    private var request: String {
        if operation.fields.isEmpty { return "**Request.** No fields; pass NULL." }
        let isRenamed = operation.fields.contains { $0.publishedName != $0.name }
        let rows = operation.fields.map { field in
            var row = "| `\(field.name)` |"
            if isRenamed { row += " `\(field.publishedName)` |" }
            return row + " \(field.place.title) | \(field.member.type.linkedTitle) "
                + "| \(field.required.title) | \(field.member.markedDescription) |"
        }
        let renamedHeading = isRenamed ? " published name |" : ""
        let renamedRule = isRenamed ? " --- |" : ""
        let table =
            "| field |\(renamedHeading) goes into | type | required | meaning |\n"
            + "| --- |\(renamedRule) --- | --- | --- | --- |\n"
            + rows.joined(separator: "\n")
        return "**Request.** \(requestKind)\n\n\(table)\n\n\(requestExample)"
    }

    private var requestKind: String {
        switch operation.request {
        case .none: "Sent without a body."
        case .json: "Sent as a JSON body."
        case .multipart:
            operation.fields.contains { $0.place == .fileText }
                ? "Sent as multipart/form-data; give exactly one of `file` and `csv`."
                : "Sent as multipart/form-data."
        }
    }

    private var requestExample: String {
        var pairs: [(YAMLNode, YAMLNode)] = []
        for field in operation.fields where field.place == .path {
            pairs.append((YAMLNode(field.name), field.member.example ?? YAMLNode("...")))
        }
        if operation.request == .multipart {
            let isCSV = operation.filePart?.contentType == "text/csv"
            pairs.append((YAMLNode("file"), YAMLNode(isCSV ? "contacts.csv" : "recording.mp3")))
            for field in operation.fields where field.place == .body {
                guard let example = field.member.example else { continue }
                if field.required == .always { pairs.append((YAMLNode(field.name), example)) }
            }
        }
        for field in operation.fields where field.place == .query {
            pairs.append((YAMLNode(field.name), field.member.example ?? YAMLNode("...")))
        }
        if let body = operation.requestExample?.mapping { pairs += body.map { ($0.key, $0.value) } }
        return "```json\n\(JSONText.pretty(YAMLNode(pairs)))\n```"
    }

    // MARK: What it answers

    private var answer: String {
        let answer = operation.answer
        let types = answer.shapes.map(\.linkedTitle).joined(separator: " or ")
        let example =
            switch answer.kind {
            case .text: "```csv\n\(answer.example.scalar?.string ?? "")```"
            case .json: "```json\n\(JSONText.pretty(answer.example))\n```"
            case .binary: "```json\n\(JSONText.pretty(binaryExample))\n```"
            }
        return "**Answer.** \(answer.description) Its `data` is: \(types).\n\n\(example)"
    }

    /// What the library makes of the bytes.
    private var binaryExample: YAMLNode {
        let members = description.record(AnswerReader.binaryAnswer)?.members ?? []
        return YAMLNode(
            members.compactMap { member in
                member.example.map { (YAMLNode(member.name), $0) }
            }
        )
    }

    private var errors: String {
        let rows = operation.errors.map { error in
            let mark = error.assumptions.isEmpty ? "" : " \u{2020}"
            return "| \(error.status) | `\(errorType(ofStatus: error.status))` "
                + "| [\(error.record)](#\(error.record.lowercased())) | \(error.description)\(mark) |"
        }
        return """
            **Errors.** Beside those that need no answer of the service:

            | status | `error.type` | body | meaning |
            | --- | --- | --- | --- |
            \(rows.joined(separator: "\n"))
            """
    }
}

extension Field.Place {
    fileprivate var title: String {
        switch self {
        case .path, .query, .body: rawValue
        case .filePath, .fileText, .fileName: "upload"
        case .downloadPath: "nothing; written here"
        }
    }
}

extension Field.Requirement {
    fileprivate var title: String {
        switch self {
        case .always: "yes"
        case .never: ""
        case .onPublishedRoute: "on published routes"
        }
    }
}

extension Member {
    /// The description, with what is assumed about it.
    var markedDescription: String {
        var text = description
        if isPublishedOnly { text += " For published routes." }
        for assumption in assumptions { text += " \u{2020} \(assumption)" }
        return text
    }
}

extension ValueType {
    /// The title, with a link to the object that it names.
    var linkedTitle: String {
        switch self {
        case .record(let name): "[\(name)](#\(name.lowercased()))"
        case .list(.record(let name)): "array of [\(name)](#\(name.lowercased()))"
        case .union(let types): types.map(\.linkedTitle).joined(separator: " or ")
        default: title
        }
    }
}
