/// Sources/Trillet/Generated/Catalogue.swift: what trillet_operations() answers.
struct Catalogue: Writer {
    let path = "Sources/Trillet/Generated/Catalogue.swift"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let operations = description.operations.map(operationJSON).joined(separator: ",")
        let version = JSONText.quoted(description.library.version)
        return """
            // \(generatedMark)

            // The text is one line, however long.
            // swift-format-ignore-file

            enum Catalogue {
                static let json: StaticString = #\"""
                    {"version":\(version),"operations":[\(operations)]}
                    \"""#
            }

            """
    }
}

private func operationJSON(_ operation: Operation) -> String {
    let published = [
        ("method", JSONText.quoted(operation.published.method.uppercased())),
        ("path", JSONText.quoted(operation.published.path)),
    ]
    return object([
        ("id", JSONText.quoted(operation.id)),
        ("function", JSONText.quoted(operation.function)),
        ("summary", JSONText.quoted(operation.summary)),
        ("resource", JSONText.quoted(operation.resource)),
        ("method", JSONText.quoted(operation.overview.method.uppercased())),
        ("path", JSONText.quoted(operation.overview.path)),
        ("published", object(published)),
        ("request", JSONText.quoted(operation.request.rawValue)),
        ("fields", "[\(operation.fields.map(fieldJSON).joined(separator: ","))]"),
        ("answer", JSONText.quoted(operation.answer.kind.rawValue)),
    ])
}

private func fieldJSON(_ field: Field) -> String {
    var members = [
        ("name", JSONText.quoted(field.name)),
        ("publishedName", JSONText.quoted(field.publishedName)),
        ("in", JSONText.quoted(field.place.catalogueName)),
        ("type", field.member.type.catalogueType),
        ("required", field.required == .always ? "true" : "false"),
    ]
    if field.required == .onPublishedRoute {
        members.append(("requiredOnPublished", "true"))
    }
    return object(members)
}

private func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(JSONText.quoted($0)):\($1)" }.joined(separator: ","))}"
}

extension Field.Place {
    fileprivate var catalogueName: String {
        switch self {
        case .path, .query, .body: rawValue
        case .filePath, .fileText, .fileName: "upload"
        case .downloadPath: "download"
        }
    }
}

extension ValueType {
    /// A type name of JSON Schema, or a list of them.
    fileprivate var catalogueType: String {
        let names = typeNames
        if names.count == 1 { return JSONText.quoted(names[0]) }
        return "[\(names.map(JSONText.quoted).joined(separator: ","))]"
    }

    private var typeNames: [String] {
        switch self {
        case .any: ["any"]
        case .string, .phoneNumber: ["string"]
        case .integer: ["integer"]
        case .number: ["number"]
        case .boolean: ["boolean"]
        case .list: ["array"]
        case .record, .map: ["object"]
        case .union(let types): types.flatMap(\.typeNames)
        case .nullable(let type): type.typeNames + ["null"]
        }
    }
}
