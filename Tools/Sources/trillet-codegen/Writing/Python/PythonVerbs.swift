/// bindings/python/src/trillet/_command/verbs/table.py: what the command knows of the operations.
struct PythonVerbs: Writer {
    let path = "bindings/python/src/trillet/_command/verbs/table.py"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() throws -> String {
        let operations = description.operations.map(operation)
        let records = requestRecords().map { record in
            "    \(quoted(record.name)): (\n"
                + record.members.map { "        \(field($0, place: "member"))\n" }.joined()
                + "    ),\n"
        }
        return """
            # \(generatedMark)
            # fmt: off
            \"""The operations as the command's verbs: their fields, and the objects within those.\"""

            from __future__ import annotations

            from .described import Field, Operation

            OPERATIONS: tuple[Operation, ...] = (
            \(operations.joined()))

            RECORDS: dict[str, tuple[Field, ...]] = {
            \(records.joined())}

            """
    }

    private func operation(_ operation: Operation) -> String {
        let arguments = [
            quoted(operation.id),
            quoted(operation.summary),
            quoted(operation.description ?? ""),
            quoted(operation.overview.method.uppercased()),
            quoted(operation.list?.member ?? ""),
            quoted(operation.answer.kind.rawValue),
            quoted(operation.lookFor ?? ""),
            operation.canMerge ? "True" : "False",
            tuple(columns(of: operation).map(quoted)),
        ]
        let fields = operation.fields.map {
            "            "
                + field($0.member, place: word(for: $0.place), isRequired: $0.required == .always)
                + "\n"
        }
        return "    Operation(\n        " + arguments.joined(separator: ", ") + ",\n"
            + (fields.isEmpty ? "        (),\n" : "        (\n\(fields.joined())        ),\n")
            + "    ),\n"
    }

    private func field(_ member: Member, place: String, isRequired: Bool? = nil) -> String {
        let arguments = [
            quoted(member.name),
            quoted(place),
            quoted(code(of: member.type)),
            isRequired ?? member.isRequired ? "True" : "False",
            tuple(member.choices.map(quoted)),
            quoted(member.description),
            quoted(member.example.map { JSONText.compact($0) } ?? ""),
        ]
        return "Field(\(arguments.joined(separator: ", "))),"
    }

    private func word(for place: Field.Place) -> String {
        switch place {
        case .path: "path"
        case .query: "query"
        case .filePath: "file"
        case .fileText: "text"
        case .fileName: "name"
        case .downloadPath: "download"
        case .body: "body"
        }
    }

    /// `list:string`, `nullable:record:Agent`; of a union, the types between bars.
    private func code(of type: ValueType) -> String {
        switch type {
        case .any: "any"
        case .string, .phoneNumber: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .map: "map"
        case .record(let name): "record:\(name)"
        case .list(let element): "list:\(code(of: element))"
        case .nullable(let type): "nullable:\(code(of: type))"
        case .union(let types): types.map(code).joined(separator: "|")
        }
    }

    /// The members of what is listed that fit into a cell.
    private func columns(of operation: Operation) -> [String] {
        let item: ValueType
        if let list = operation.list {
            item = list.item
        } else if case .list(let element) = operation.answer.shapes[0] {
            item = element
        } else {
            return []
        }
        guard let name = item.recordName, let record = description.record(name) else { return [] }
        return record.members.filter { fitsIntoCell($0.type) }.map(\.name)
    }

    private func fitsIntoCell(_ type: ValueType) -> Bool {
        switch type {
        case .string, .phoneNumber, .integer, .number, .boolean: true
        case .nullable(let type): fitsIntoCell(type)
        case .union(let types): types.contains(where: fitsIntoCell)
        case .any, .map, .record, .list: false
        }
    }

    /// The objects that requests have, and those within them, in the order of the description.
    private func requestRecords() -> [Record] {
        var names: Set<String> = []
        var open = description.operations.flatMap { $0.fields.compactMap(\.member.type.recordName) }
        while let name = open.popLast() {
            guard names.insert(name).inserted, let record = description.record(name) else {
                continue
            }
            open += record.members.compactMap(\.type.recordName)
        }
        return description.records.filter { names.contains($0.name) }
    }
}

/// bindings/python/src/trillet/_command/verbs/resources.py: the names alone, for the commands' list.
struct PythonVerbResources: Writer {
    let path = "bindings/python/src/trillet/_command/verbs/resources.py"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let lines = description.resources.map {
            "    \(quoted($0.name)): \(quoted($0.description)),\n"
        }
        return """
            # \(generatedMark)
            # fmt: off
            \"""The resources of the API. Without their verbs, which every start would have to read.\"""

            from __future__ import annotations

            RESOURCES = {
            \(lines.joined())}

            """
    }
}

/// JSON's texts are Python's, too.
private func quoted(_ text: String) -> String { JSONText.quoted(text) }

private func tuple(_ items: [String]) -> String {
    items.isEmpty ? "()" : "(\(items.joined(separator: ", ")),)"
}
