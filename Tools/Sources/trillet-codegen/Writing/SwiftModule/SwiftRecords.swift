/// Records.swift: the objects within requests and answers.
func swiftRecords(_ description: Description, _ names: SwiftNames) throws -> String {
    let shapes = description.operations.map(\.answer.shapes)
    let ofRecords = shapes.filter { $0.first?.wholeRecord != nil }
    let merged = Set(ofRecords.flatMap { $0.dropFirst().compactMap(\.wholeRecord) })
    let wanted = swiftRecordNames(description)
    let structures = try description.records
        .filter { wanted.contains($0.name) && !merged.contains($0.name) }
        .map { record in
            let shapes = shapes.first { $0.first == .record(record.name) } ?? []
            return try structure(of: record, shapes.dropFirst(), description, names)
        }
    return """
        // \(generatedMark)

        \(structures.map { $0.lines().joined(separator: "\n") }.joined(separator: "\n\n"))

        """
}

private func structure(
    of record: Record,
    _ shapes: some Sequence<ValueType>,
    _ description: Description,
    _ names: SwiftNames
) throws -> SwiftStructure {
    let others = shapes.compactMap { $0.wholeRecord.flatMap(description.record) }
    var properties = try names.properties(of: record, and: others)
    let list = shapes.compactMap { shape in
        properties.first { property in
            guard case .list = shape else { return false }
            return property.type == (try? SwiftNames.type(shape, record.name))
        }
    }.first
    if let list {
        // Whatever stands beside the list is not there in a bare array.
        properties = properties.map { property in
            SwiftProperty(
                name: property.name,
                keys: property.keys,
                type: property.type,
                isRequired: property.isRequired && property.name == list.name,
                description: property.description
            )
        }
    }
    let hasID = properties.contains { $0.name == "id" && $0.isRequired }
    return SwiftStructure(
        name: record.name,
        description: record.description,
        conformances: ["Codable", "Sendable", "Hashable"] + (hasID ? ["Identifiable"] : []),
        properties: properties,
        bareList: list
    )
}

/// Those that an answer or a field holds; a request's own object is its operation.
private func swiftRecordNames(_ description: Description) -> Set<String> {
    let types = description.operations.flatMap { operation in
        operation.fields.map(\.member.type) + operation.answer.shapes
    }
    var open = types.flatMap(\.recordNames)
    var found: Set<String> = []
    while let name = open.popLast() {
        guard found.insert(name).inserted, let record = description.record(name) else { continue }
        open += record.members.flatMap { $0.type.recordNames }
    }
    return found
}

extension ValueType {
    fileprivate var wholeRecord: String? {
        if case .record(let name) = self { return name }
        return nil
    }

    fileprivate var recordNames: [String] {
        switch self {
        case .record(let name): [name]
        case .list(let type), .nullable(let type), .map(let type): type.recordNames
        case .union(let types): types.flatMap(\.recordNames)
        case .any, .string, .phoneNumber, .integer, .number, .boolean: []
        }
    }
}

/// Choices.swift: texts of which some values are known, the types of errors among them.
func swiftChoices(_ description: Description, _ names: SwiftNames) -> String {
    let choices = names.choices.map { choice in
        swiftComment(choice.description)
            + ["public struct \(choice.name): OpenText {"]
            + choiceLines(choice.name, choice.values.map { ($0, nil) }, indentation: "    ")
            + ["}"]
    }
    let errors =
        ["extension TrilletError {"]
        + swiftComment("The kinds of errors; the list only grows.", indentation: "    ")
        + ["    public struct Kind: OpenText {"]
        + choiceLines(
            "Kind",
            description.library.errorTypes.map { ($0.type, $0.description) },
            indentation: "        "
        ) + ["    }", "}"]
    return """
        // \(generatedMark)

        \((choices + [errors]).map { $0.joined(separator: "\n") }.joined(separator: "\n\n"))

        """
}

/// `SMS` is a word, and `tollFree` are two already.
private func choiceName(_ value: String) -> String {
    let isWord = value.allSatisfy(\.isUppercase)
    return isWord ? value.lowercased() : value.prefix(1).lowercased() + value.dropFirst()
}

private func choiceLines(
    _ name: String,
    _ values: [(value: String, description: String?)],
    indentation: String
) -> [String] {
    var lines: [String] = []
    for (value, description) in values {
        if let description { lines += swiftComment(description) }
        lines.append(
            "public static let \(swiftIdentifier(lowerCamel(choiceName(value)))) = "
                + "\(name)(rawValue: \(JSONText.quoted(value)))"
        )
    }
    lines += [
        "", "public let rawValue: String", "", "public init(rawValue: String) {",
        "    self.rawValue = rawValue", "}",
    ]
    return lines.map { $0.isEmpty ? "" : indentation + $0 }
}
