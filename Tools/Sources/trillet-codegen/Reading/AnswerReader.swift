import Yams

typealias YAMLNode = Node

/// Reads what an operation answers.
struct AnswerReader {
    let components: YAMLValue
    let schemas: SchemaReader

    /// The record that stands for an answer that is not JSON.
    static let textAnswer = "TextAnswer"
    /// The one that stands for bytes that are no text.
    static let binaryAnswer = "BinaryAnswer"

    func answer(_ operation: YAMLValue) throws -> Answer {
        let successes = try operation.value("responses").members().filter { $0.key.hasPrefix("2") }
        guard successes.count == 1, let (key, response) = successes.first, let status = Int(key)
        else { throw operation.failure("must have one success response") }
        try response.allow(["description", "content"])
        let description = try response.text("description")
        let (type, media) = try content(of: response)
        let example = try media.value("example").node
        switch type {
        case "application/json":
            return Answer(
                status: status,
                kind: .json,
                description: description,
                shapes: try shapes(media.value("schema")),
                example: example
            )
        case "text/csv":
            return Answer(
                status: status,
                kind: .text,
                description: description,
                shapes: [.record(AnswerReader.textAnswer)],
                example: example
            )
        case "audio/mp3":
            return Answer(
                status: status,
                kind: .binary,
                description: description,
                shapes: [.record(AnswerReader.binaryAnswer)],
                example: example
            )
        default:
            throw response.failure("has the unknown content '\(type)'")
        }
    }

    func errors(_ operation: YAMLValue) throws -> [ErrorAnswer] {
        let failures = try operation.value("responses").members().filter { !$0.key.hasPrefix("2") }
        return try failures.map { key, value in
            guard let status = Int(key), (400...599).contains(status) else {
                throw value.failure("must be a status from 400 to 599")
            }
            let isShared = try value.optional("$ref") != nil
            if isShared { try value.allow(["$ref", "description"]) }
            let response = try AnswerReader.resolve(value, in: components)
            try response.allow(["description", "content", "headers", "x-source", "x-assumed"])
            let (_, media) = try content(of: response)
            guard case .record(let name) = try schemas.type(media.value("schema")) else {
                throw response.failure("must have a named schema")
            }
            let particular = try value.optionalText("description")
            return ErrorAnswer(
                status: status,
                description: try particular ?? response.text("description"),
                record: name,
                assumptions: try response.texts("x-assumed"),
                isParticular: particular != nil || status == 404,
                example: try media.value("example").node
            )
        }
    }

    private func shapes(_ schema: YAMLValue) throws -> [ValueType] {
        guard case .union(let shapes) = try schemas.type(schema) else {
            return [try schemas.type(schema)]
        }
        return shapes
    }

    private func content(of response: YAMLValue) throws -> (type: String, media: YAMLValue) {
        let content = try response.value("content").members()
        guard content.count == 1, let (type, media) = content.first else {
            throw response.failure("must have one kind of content")
        }
        try media.allow(["schema", "example"])
        return (type, media)
    }

    /// What a value refers to by $ref, or the value itself.
    static func resolve(_ value: YAMLValue, in components: YAMLValue) throws -> YAMLValue {
        guard let reference = try value.optional("$ref") else { return value }
        let parts = try reference.text().split(separator: "/").map(String.init)
        guard parts.count == 4, parts[0] == "#", parts[1] == "components" else {
            throw reference.failure("must point into #/components")
        }
        guard let target = try components.optional(parts[2])?.optional(parts[3]) else {
            throw reference.failure("names '\(parts[3])', which does not exist")
        }
        return target
    }
}
