/// What the description's types are called in Swift.
struct SwiftNames {
    /// A text of which some values are known: a type of its own, which takes every other text too.
    struct Choice {
        let name: String
        let description: String
        let values: [String]
    }

    private(set) var choices: [Choice] = []
    private let description: Description

    init(_ description: Description) throws {
        self.description = description
        for operation in description.operations {
            for field in operation.fields where !field.member.choices.isEmpty {
                try add(field.member, of: operation.resource)
            }
        }
    }

    private mutating func add(_ member: Member, of resource: String) throws {
        let name = SwiftNames.singular(resource) + upperCamel(member.name)
        if let known = choices.first(where: { $0.name == name }) {
            guard known.values == member.choices else {
                throw DescriptionError(place: name, problem: "has two lists of values")
            }
            return
        }
        choices.append(
            Choice(name: name, description: member.description, values: member.choices)
        )
    }

    /// `batch_calls` is `BatchCall`.
    static func singular(_ resource: String) -> String {
        let name = upperCamel(resource)
        return name.hasSuffix("s") ? String(name.dropLast()) : name
    }

    func properties(of fields: [Field], in resource: Resource) throws -> [SwiftProperty] {
        try fields.map { field in
            var text = field.member.description
            if field.required == .onPublishedRoute { text += " Required on published routes." }
            if field.member.isPublishedOnly { text += " For published routes." }
            let owner = SwiftNames.singular(resource.name)
            return SwiftProperty(
                name: lowerCamel(field.name),
                keys: [field.name],
                type: try type(of: field.member, owner: owner),
                isRequired: field.required == .always,
                description: text
            )
        }
    }

    /// The properties of a record that may come in several shapes: what only some have is optional.
    func properties(of record: Record, and others: [Record]) throws -> [SwiftProperty] {
        var properties = try record.members.map { try property($0, of: record) }
        for other in others {
            let further = try other.members.map { try property($0, of: other) }
            properties = properties.map { property in
                let twin = further.first { $0.name == property.name }
                return SwiftProperty(
                    name: property.name,
                    keys: property.keys + (twin?.keys ?? []).filter { !property.keys.contains($0) },
                    type: property.type,
                    isRequired: property.isRequired && twin?.isRequired == true,
                    description: property.description
                )
            }
            let names = properties.map(\.name)
            properties += further.filter { !names.contains($0.name) }.map { property in
                SwiftProperty(
                    name: property.name,
                    keys: property.keys,
                    type: property.type,
                    isRequired: false,
                    description: property.description
                )
            }
        }
        try check(properties, of: record)
        return properties
    }

    private func check(_ properties: [SwiftProperty], of record: Record) throws {
        let names = properties.map(\.name)
        for name in names where names.filter({ $0 == name }).count > 1 {
            throw DescriptionError(
                place: record.name,
                problem: "has two members that Swift would call '\(name)'"
            )
        }
    }

    private func property(_ member: Member, of record: Record) throws -> SwiftProperty {
        var isRequired = member.isRequired
        if case .nullable = member.type { isRequired = false }
        return SwiftProperty(
            name: lowerCamel(member.name),
            keys: [member.name],
            type: try type(of: member, owner: record.name),
            isRequired: isRequired,
            description: member.description
        )
    }

    private func type(of member: Member, owner: String) throws -> String {
        guard member.type == .string else { return try SwiftNames.type(member.type, member.name) }
        let choice = choices.first { choice in
            let suffix = upperCamel(member.name)
            return choice.name.hasSuffix(suffix)
                && owner.hasPrefix(choice.name.dropLast(suffix.count))
        }
        return choice?.name ?? "String"
    }

    static func type(_ type: ValueType, _ place: String) throws -> String {
        switch type {
        case .any: return "JSONValue"
        case .string, .phoneNumber: return "String"
        case .integer: return "Int"
        case .number: return "Double"
        case .boolean: return "Bool"
        case .record(let name): return name
        case .list(let element): return "[\(try self.type(element, place))]"
        case .map(let element): return "[String: \(try self.type(element, place))]"
        case .nullable(let type): return try self.type(type, place)
        case .union(let types):
            let others = types.filter { $0 != .string }
            guard types.count == 2, others.count == 1 else {
                throw DescriptionError(
                    place: place,
                    problem: "is a union other than text and one type; teach SwiftNames about it"
                )
            }
            return "TextOr<\(try self.type(others[0], place))>"
        }
    }
}
