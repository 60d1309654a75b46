/// What requests and the objects within them are called in C++.
struct CppNames {
    /// A text that has one of these values.
    struct Choice {
        let name: String
        let description: String
        let values: [String]
    }

    let choices: [Choice]
    /// The objects within requests, each after those that it holds.
    let records: [Record]

    init(_ description: Description) throws {
        choices = try SwiftNames(description).choices.map {
            Choice(name: $0.name, description: $0.description, values: $0.values)
        }
        var found: [Record] = []
        func add(_ type: ValueType) {
            for name in type.cppRecords where !found.contains(where: { $0.name == name }) {
                guard let record = description.record(name) else { continue }
                for member in record.members { add(member.type) }
                found.append(record)
            }
        }
        for operation in description.operations {
            for field in operation.fields { add(field.member.type) }
        }
        records = found
        let all = choices.map(\.name) + found.map(\.name) + description.operations.map(\.cppRequest)
        for name in all where all.filter({ $0 == name }).count > 1 {
            throw DescriptionError(place: name, problem: "would name two types of C++")
        }
    }

    // MARK: Fields

    func fields(of record: Record) throws -> [CppStructure.Field] {
        let fields = try record.members.map { member in
            try field(
                member,
                type: type(member.type),
                isRequired: member.isRequired,
                isOptional: !member.isRequired,
                description: member.description
            )
        }
        return fields.filter(\.isRequired) + fields.filter { !$0.isRequired }
    }

    func fields(of operation: Operation) throws -> [CppStructure.Field] {
        let first = operation.fields.filter(\.standsFirst)
        let rest = operation.fields.filter { !$0.standsFirst }
        return try (first + rest).map { field in
            let member = field.member
            let isRequired = field.required == .always
            let isChoice = !member.choices.isEmpty
            let choice = SwiftNames.singular(operation.resource) + upperCamel(member.name)
            var description = member.description
            if field.required == .onPublishedRoute {
                description += " Required on published routes."
            }
            if member.isPublishedOnly { description += " For published routes." }
            return try self.field(
                member,
                type: isChoice ? choice : type(member.type),
                isRequired: isRequired,
                // Left out it is refused as missing; a number that no value has would be sent.
                isOptional: isChoice || !isRequired,
                description: description
            )
        }
    }

    private func field(
        _ member: Member,
        type: String,
        isRequired: Bool,
        isOptional: Bool,
        description: String
    ) throws -> CppStructure.Field {
        let name = snakeCase(member.name)
        guard !CppNames.reserved.contains(name) else {
            throw DescriptionError(place: member.name, problem: "is a word that C++ needs itself")
        }
        var isWrapped = isOptional
        if case .nullable = member.type { isWrapped = false }
        return CppStructure.Field(
            name: name,
            key: member.name,
            type: isWrapped ? "std::optional<\(type)>" : type,
            isRequired: isRequired && !isOptional,
            description: (isRequired ? "Required. " : "") + description
        )
    }

    private func type(_ type: ValueType) -> String {
        switch type {
        case .any, .union: "json::value"
        case .string, .phoneNumber: "std::string"
        case .integer: "std::int64_t"
        case .number: "double"
        case .boolean: "bool"
        case .record(let name): name
        case .list(let element): "std::vector<\(self.type(element))>"
        case .map: "json::object"
        case .nullable(let type): "Nullable<\(self.type(type))>"
        }
    }

    /// `SMS` is `sms`, and `tollFree` is `toll_free`.
    static func enumerator(_ value: String) -> String { snakeCase(value) }

    private static let reserved: Set<String> = [
        "by_name", "extra", "json", "operation", "class", "default", "delete", "export",
        "namespace", "new", "operator", "private", "protected", "public", "register", "template",
        "this", "union",
    ]
}

extension Field {
    /// What a request must have, and the file that it is about.
    fileprivate var standsFirst: Bool {
        switch place {
        case .filePath, .fileText, .fileName, .downloadPath: true
        case .path, .query, .body: required == .always
        }
    }
}

extension ValueType {
    fileprivate var cppRecords: [String] {
        switch self {
        case .record(let name): [name]
        case .list(let type), .nullable(let type), .map(let type): type.cppRecords
        case .union(let types): types.flatMap(\.cppRecords)
        case .any, .string, .phoneNumber, .integer, .number, .boolean: []
        }
    }
}
