/// Reads the schemas of the description into the few shapes that the outputs know.
struct SchemaReader {
    private let schemas: YAMLValue

    private static let annotations: Set<String> = [
        "description", "examples", "default", "enum", "minimum", "minLength", "x-source",
        "x-assumed", "x-trillet-published-only",
    ]

    init(_ components: YAMLValue) throws {
        schemas = try components.value("schemas").named("schemas")
    }

    /// The object schemas that have a name.
    func records() throws -> [Record] {
        try schemas.members().map { try record($0.key) }
    }

    func record(_ name: String) throws -> Record {
        let value = try schemas.value(name)
        try value.allow([
            "type", "description", "additionalProperties", "required", "properties", "x-source",
            "x-assumed", "x-error-shape", "x-trillet-checked",
            "x-trillet-open",
        ])
        guard try value.text("type") == "object" else {
            throw value.failure("must be of type object; only objects have names here")
        }
        let required = try value.optionalList("required").map { try $0.text() }
        let members = try value.value("properties").members().map {
            try member($0.value, name: $0.key, isRequired: required.contains($0.key))
        }
        for name in required where !members.contains(where: { $0.name == name }) {
            throw value.failure("requires '\(name)', which is no property of it")
        }
        return Record(
            name: name,
            description: try value.text("description"),
            errorShape: try value.optionalText("x-error-shape"),
            assumptions: try value.texts("x-assumed"),
            isChecked: try value.flag("x-trillet-checked"),
            isOpen: try value.flag("x-trillet-open"),
            members: members
        )
    }

    func member(_ value: YAMLValue, name: String, isRequired: Bool) throws -> Member {
        Member(
            name: name,
            type: try type(value),
            isRequired: isRequired,
            description: try value.text("description"),
            assumptions: try value.texts("x-assumed"),
            isPublishedOnly: try value.flag("x-trillet-published-only"),
            example: try value.optionalList("examples").first?.node,
            isFile: try value.optional("contentMediaType") != nil,
            choices: try choices(value)
        )
    }

    func choices(_ value: YAMLValue) throws -> [String] {
        try value.optionalList("enum").map { try $0.text() }
    }

    func type(_ value: YAMLValue) throws -> ValueType {
        if let reference = try value.optional("$ref") {
            try value.allow(SchemaReader.annotations.union(["$ref"]))
            return .record(try recordName(reference))
        }
        if let alternatives = try value.optional("oneOf") {
            try value.allow(SchemaReader.annotations.union(["oneOf"]))
            return .union(try alternatives.list().map(type))
        }
        guard let type = try value.optional("type") else {
            try value.allow(SchemaReader.annotations.union(["not"]))
            return .any
        }
        if type.node.sequence != nil {
            let names = try type.list().map { try $0.text() }
            guard names.count == 2, names[1] == "null" else {
                throw type.failure("must be one type, or a type and \"null\"")
            }
            return .nullable(try self.type(named: names[0], value))
        }
        return try self.type(named: type.text(), value)
    }

    private func type(named name: String, _ value: YAMLValue) throws -> ValueType {
        let common = SchemaReader.annotations.union(["type"])
        switch name {
        case "string":
            try value.allow(common.union(["format", "pattern", "contentMediaType"]))
            guard let format = try value.optional("format") else { return .string }
            switch try format.text() {
            case "e164": return .phoneNumber
            case "binary": return .string
            default: throw format.failure("is not known")
            }
        case "integer", "number", "boolean":
            try value.allow(common)
            return name == "integer" ? .integer : name == "number" ? .number : .boolean
        case "array":
            try value.allow(common.union(["items"]))
            return .list(try type(value.value("items")))
        case "object":
            try value.allow(common.union(["additionalProperties"]))
            guard let content = try value.optional("additionalProperties") else {
                throw value.failure(
                    "has no 'additionalProperties'; name the schema if it has properties"
                )
            }
            return .map(content.node.scalar == nil ? try type(content) : .any)
        default:
            throw value.failure("has the unknown type '\(name)'")
        }
    }

    private func recordName(_ reference: YAMLValue) throws -> String {
        let prefix = "#/components/schemas/"
        let text = try reference.text()
        guard text.hasPrefix(prefix) else { throw reference.failure("must start with \(prefix)") }
        let name = String(text.dropFirst(prefix.count))
        guard try schemas.optional(name) != nil else {
            throw reference.failure("names the schema '\(name)', which does not exist")
        }
        return name
    }
}
