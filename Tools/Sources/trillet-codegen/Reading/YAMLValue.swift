import Yams

/// A mistake in the description, said so that its author finds the place.
struct DescriptionError: Error, CustomStringConvertible {
    let place: String
    let problem: String

    var description: String { "\(place): \(problem)" }
}

/// A value of the description that knows where it stands.
struct YAMLValue {
    let node: Node
    let file: DescriptionFile
    let place: String

    func failure(_ problem: String) -> DescriptionError {
        DescriptionError(place: "\(file.path): \(place)", problem: problem)
    }

    // MARK: Mappings

    /// The members of a mapping, in the order they are written.
    func members() throws -> [(key: String, value: YAMLValue)] {
        guard let mapping = node.mapping else { throw failure("must be a mapping") }
        return try mapping.map { key, value in
            guard let name = key.scalar?.string else { throw failure("has a key that is no text") }
            return (name, inner(value, "\(place).\(name)"))
        }
    }

    /// Refuses keys that nothing reads: a misspelt one would otherwise be lost without a word.
    func allow(_ keys: Set<String>) throws {
        for member in try members() where !keys.contains(member.key) {
            throw failure("has the unknown key '\(member.key)'")
        }
    }

    func optional(_ key: String) throws -> YAMLValue? {
        try members().first { $0.key == key }?.value
    }

    func value(_ key: String) throws -> YAMLValue {
        guard let value = try optional(key) else { throw failure("has no '\(key)'") }
        return value
    }

    /// The same value, named otherwise in messages.
    func named(_ place: String) -> YAMLValue {
        inner(node, place)
    }

    private func inner(_ node: Node, _ place: String) -> YAMLValue {
        YAMLValue(node: node, file: file, place: place)
    }

    // MARK: Scalars and lists

    func text() throws -> String {
        guard let scalar = node.scalar else { throw failure("must be text") }
        var text = scalar.string
        while text.hasSuffix("\n") { text.removeLast() }
        guard !text.isEmpty else { throw failure("is empty") }
        guard text.allSatisfy(\.isASCII) else { throw failure("must be plain ASCII: \(text)") }
        return text
    }

    func possiblyEmptyText() throws -> String {
        node.scalar?.string.isEmpty == true ? "" : try text()
    }

    func text(_ key: String) throws -> String { try value(key).text() }

    func optionalText(_ key: String) throws -> String? { try optional(key)?.text() }

    func integer(_ key: String) throws -> Int {
        let value = try value(key)
        guard let integer = Int(try value.text()) else { throw value.failure("must be an integer") }
        return integer
    }

    func flag(_ key: String) throws -> Bool {
        guard let value = try optional(key) else { return false }
        switch try value.text() {
        case "true": return true
        case "false": return false
        default: throw value.failure("must be true or false")
        }
    }

    func list() throws -> [YAMLValue] {
        guard let sequence = node.sequence else { throw failure("must be a list") }
        return sequence.enumerated().map { index, element in
            inner(element, "\(place)[\(index)]")
        }
    }

    func optionalList(_ key: String) throws -> [YAMLValue] {
        try optional(key)?.list() ?? []
    }

    /// One text or a list of them.
    func texts(_ key: String) throws -> [String] {
        guard let value = try optional(key) else { return [] }
        if value.node.scalar != nil { return [try value.text()] }
        return try value.list().map { try $0.text() }
    }
}
