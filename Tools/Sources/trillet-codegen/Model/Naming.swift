extension Operation {
    /// `agents.create` is `trillet_agents_create`.
    var function: String { "trillet_" + id.replacing(".", with: "_") }

    /// `batch_calls.list_calls` is `batchCallsListCalls`.
    var swiftName: String {
        let words = id.split { $0 == "." || $0 == "_" }
        return words.dropFirst().reduce(String(words[0])) { name, word in
            name + word.prefix(1).uppercased() + word.dropFirst()
        }
    }

    /// `batch_calls.list_calls` is the method `list_calls`.
    var pythonMethod: String {
        String(id.dropFirst(resource.count + 1))
    }
}

/// `toNumber` is `to_number`, `isSMB` is `is_smb`.
func snakeCase(_ name: String) -> String {
    var result = ""
    var previous: Character?
    for character in name {
        if character.isUppercase, previous?.isUppercase == false { result += "_" }
        result += character.lowercased()
        previous = character
    }
    return result
}

extension ValueType {
    /// What the type is called for people: "array of strings, or null".
    var title: String {
        switch self {
        case .any: "any value"
        case .string: "string"
        case .phoneNumber: "string"
        case .integer: "integer"
        case .number: "number"
        case .boolean: "boolean"
        case .record, .map: "object"
        case .list(let element): "array of \(element.pluralTitle)"
        case .union(let types): types.map(\.title).joined(separator: " or ")
        case .nullable(let type): "\(type.title) or null"
        }
    }

    private var pluralTitle: String {
        switch self {
        case .any: "any values"
        case .list, .union, .nullable: "(\(title))"
        case .string, .phoneNumber, .integer, .number, .boolean, .record, .map: "\(title)s"
        }
    }

    /// The named schema within the type, if there is one.
    var recordName: String? {
        switch self {
        case .record(let name): name
        case .list(let type), .nullable(let type), .map(let type): type.recordName
        case .union(let types): types.compactMap(\.recordName).first
        case .any, .string, .phoneNumber, .integer, .number, .boolean: nil
        }
    }
}

/// The `error.type` that stands for an HTTP status.
func errorType(ofStatus status: Int) -> String {
    switch status {
    case 401: "authentication"
    case 403: "permission"
    case 404: "not_found"
    case 409: "conflict"
    case 429: "rate_limited"
    case 500...: "server"
    default: "rejected"
    }
}
