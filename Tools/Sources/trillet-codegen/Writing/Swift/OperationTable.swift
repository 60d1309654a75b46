/// Sources/Trillet/Generated/OperationTable.swift: the operations as the core reads them.
struct OperationTable: Writer {
    let path = "Sources/Trillet/Generated/OperationTable.swift"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        var text = "// \(generatedMark)\n\nenum OperationTable {\n"
        text += """
                /// One literal without an empty list in it: so the compiler makes it a constant, where it
                /// would otherwise make it on the heap at its first use and lose it at unloading.
                static let all: [Operation] = [

            """
        for (index, operation) in description.operations.enumerated() {
            text += entry(operation, index: index, description) + ",\n"
        }
        text += "    ]\n\n"
        for (index, operation) in description.operations.enumerated() {
            text += "    static var \(operation.swiftName): Operation { all[\(index)] }\n"
        }
        return text + "\n\(lists)\n}\n"
    }

    private var lists: String {
        let lists = description.operations.compactMap { operation in
            operation.list.map { (operation.swiftName, $0.member) }
        }
        let cases = lists.map { "        case \($0.0).index: \"\($0.1)\"" }
        return """
                /// The member of a page that has its items; nil for an operation that lists nothing.
                static func listMember(of operation: Operation) -> StaticString? {
                    switch operation.index {
            \(cases.joined(separator: "\n"))
                    default: nil
                    }
                }

                static var listNames: StaticString {
                    "\(description.listNames(quotedBy: "'"))"
                }
            """
    }
}

private func entry(_ operation: Operation, index: Int, _ description: Description) -> String {
    let fields = operation.fields.map { field in
        let checked = description.record(field.member.type.recordName ?? "")
        return fieldText(
            name: field.name,
            publishedName: field.publishedName,
            place: field.place,
            type: field.member.type,
            required: field.required,
            members: checked?.isChecked == true ? checked?.members ?? [] : [],
            indentation: "                "
        )
    }
    let list = listText(fields, indentation: "            ")
    let listArgument = fields.isEmpty ? "" : ",\n            fields: \(list)"
    var extras = operation.checksContacts ? ",\n            checksContacts: true" : ""
    if let part = operation.filePart {
        extras += ",\n            filePart: FilePart(name: \"\(part.name)\", contentType: \"\(part.contentType)\")"
    }
    if let lookFor = operation.lookFor {
        extras += ",\n            lookFor: \"\"\"\n"
        for line in wrap(lookFor, width: 86, first: "", rest: "") {
            extras += "                \(line) \\\n"
        }
        extras.removeLast(3)
        extras += "\n                \"\"\""
    }
    return """
                Operation(
                    index: \(index),
                    id: "\(operation.id)",
                    overview: \(routeText(operation.overview)),
                    published: \(routeText(operation.published)),
                    body: .\(operation.request.rawValue),
                    answer: .\(operation.answer.kind.rawValue)\(extras)\(listArgument)
                )
        """
}

private func routeText(_ route: Route) -> String {
    let appended = route.appendedFields.map { "\"\($0)\"" }.joined(separator: ", ")
    if appended.isEmpty { return "Route(method: .\(route.method), path: \"\(route.path)\")" }
    return """
        Route(
                        method: .\(route.method),
                        path: "\(route.path)",
                        appendedFields: [\(appended)]
                    )
        """
}

private func listText(_ elements: [String], indentation: String) -> String {
    // The formatter wants no comma after a single element.
    let comma = elements.count == 1 ? "" : ","
    return "[\n" + elements.joined(separator: ",\n") + "\(comma)\n\(indentation)]"
}

private func fieldText(
    name: String,
    publishedName: String,
    place: Field.Place,
    type: ValueType,
    required: Field.Requirement,
    members: [Member],
    indentation: String
) -> String {
    let inner = indentation + "    "
    var arguments = [
        "name: \"\(name)\"",
        "publishedName: \"\(publishedName)\"",
        "place: .\(place.rawValue)",
        "type: .\(type.fieldType)",
        "required: .\(required.rawValue)",
    ]
    if !members.isEmpty {
        let texts = members.map { member in
            fieldText(
                name: member.name,
                publishedName: member.name,
                place: .body,
                type: member.type,
                required: member.isRequired ? .always : .never,
                members: [],
                indentation: inner + "    "
            )
        }
        arguments.append("members: \(listText(texts, indentation: inner))")
    }
    let lines = arguments.map { inner + $0 }.joined(separator: ",\n")
    return "\(indentation)Field(\n\(lines)\n\(indentation))"
}

extension ValueType {
    /// The case of the core's `FieldType`; a null is the request builder's business.
    fileprivate var fieldType: String {
        switch self {
        case .any: "any"
        case .string: "string"
        case .phoneNumber: "phoneNumber"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .list: "array"
        case .record, .map: "object"
        case .nullable(let type): type.fieldType
        case .union(let types):
            types.map(\.fieldType) == ["object", "string"] ? "objectOrText" : "any"
        }
    }
}
