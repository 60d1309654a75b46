/// bindings/swift/Sources/Trillet/Generated: the types, operations and options of the Swift module.
func swiftModule(of description: Description) throws -> [any Writer] {
    let folder = "bindings/swift/Sources/Trillet/Generated/"
    let names = try SwiftNames(description)
    return [
        SwiftModuleFile(folder + "Records.swift") { try swiftRecords(description, names) },
        SwiftModuleFile(folder + "Choices.swift") { swiftChoices(description, names) },
        SwiftModuleFile(folder + "Options.swift") { try swiftOptions(description) },
    ]
        + description.resources.map { resource in
            SwiftModuleFile(folder + upperCamel(resource.name) + ".swift") {
                try SwiftResource(resource, description, names).text()
            }
        }
}

private struct SwiftModuleFile: Writer {
    let path: String
    private let write: () throws -> String

    init(_ path: String, _ write: @escaping () throws -> String) {
        self.path = path
        self.write = write
    }

    func text() throws -> String { try write() }
}

/// A property of a generated structure, and the member of the JSON object that it stands for.
struct SwiftProperty {
    let name: String
    /// The usual key first; the others are what other routes call it.
    let keys: [String]
    let type: String
    let isRequired: Bool
    let description: String

    var declaredType: String { isRequired ? type : "\(type)?" }
}

let swiftWidth = 100

/// `phone_number` is `phoneNumber`, `_id` is `id`, `batch_calls` is `batchCalls`.
func lowerCamel(_ name: String) -> String {
    let words = name.split { $0 == "_" || $0 == "." }
    return words.dropFirst().reduce(words.first.map(String.init) ?? "") { name, word in
        name + word.prefix(1).uppercased() + word.dropFirst()
    }
}

func upperCamel(_ name: String) -> String {
    let name = lowerCamel(name)
    return name.prefix(1).uppercased() + name.dropFirst()
}

/// Escapes the words of the language that a name may be.
func swiftIdentifier(_ name: String) -> String {
    let words: Set<String> = [
        "as", "case", "class", "default", "do", "else", "enum", "extension", "for", "func", "if",
        "import", "in", "init", "internal", "is", "let", "operator", "private", "protocol",
        "public", "repeat", "return", "self", "static", "struct", "switch", "throw", "throws",
        "true", "false", "try", "var", "where", "while",
    ]
    return words.contains(name) ? "`\(name)`" : name
}

func swiftComment(_ text: String, indentation: String = "") -> [String] {
    let start = indentation + "/// "
    // Most comments are written without the indentation that they get.
    return wrap(text, width: swiftWidth - 8 + indentation.count, first: start, rest: start)
}

/// A structure that is one JSON object: properties, initializer, reading and writing.
struct SwiftStructure {
    let name: String
    let description: String
    let conformances: [String]
    let properties: [SwiftProperty]
    /// Lines that stand before the properties.
    var members: [String] = []
    /// The property that a bare array in place of the object is read into.
    var bareList: SwiftProperty?

    func lines(indentation: String = "") -> [String] {
        let body =
            members
            + properties.flatMap { property in
                swiftComment(property.description) + [
                    "public var \(swiftIdentifier(property.name)): \(property.declaredType)"
                ]
            }
            + [
                "/// Fields without a property here, by the names they have in the API.",
                "public var otherFields: [String: JSONValue]", "",
            ]
            + initializer + [""] + reader + [""] + writer
        let title = "public struct \(name): \(conformances.joined(separator: ", ")) {"
        return swiftComment(description, indentation: indentation)
            + [indentation + title]
            + body.map { $0.isEmpty ? "" : indentation + "    " + $0 }
            + [indentation + "}"]
    }

    private var initializer: [String] {
        let ordered = properties.filter(\.isRequired) + properties.filter { !$0.isRequired }
        let parameters =
            ordered.map { "\(swiftIdentifier($0.name)): \($0.parameterType)" }
            + ["otherFields: [String: JSONValue] = [:]"]
        return swiftCall("public init", parameters, end: " {")
            + properties.map { "    self.\($0.name) = \(swiftIdentifier($0.name))" }
            + ["    self.otherFields = otherFields", "}"]
    }

    private var reader: [String] {
        var lines = ["public init(from decoder: any Decoder) throws {"]
        if let list = bareList {
            lines += ["    if let items = FieldReader.bareList(\(list.type).self, decoder) {"]
            lines += properties.map { property in
                "        \(property.name) = \(property.name == list.name ? "items" : "nil")"
            }
            lines += ["        otherFields = [:]", "        return", "    }"]
        }
        lines.append("    \(properties.isEmpty ? "let" : "var") fields = try FieldReader(decoder)")
        for property in properties {
            let keys = property.keys.enumerated().map { index, key in
                (index == 0 ? "" : "or: ") + JSONText.quoted(key)
            }
            let source = property.isRequired ? "try fields.required" : "fields.optional"
            lines += swiftCall("\(property.name) = \(source)", keys).map { "    " + $0 }
        }
        return lines + ["    otherFields = fields.rest()", "}"]
    }

    private var writer: [String] {
        ["public func encode(to encoder: any Encoder) throws {"]
            + ["    var fields = FieldWriter(encoder)"]
            + properties.flatMap { property in
                swiftCall("try fields.write", [JSONText.quoted(property.keys[0]), property.name])
                    .map { "    " + $0 }
            }
            + ["    try fields.write(otherFields)", "}"]
    }
}

extension SwiftProperty {
    /// The type of an initializer's or a method's parameter, with its default.
    var parameterType: String { isRequired ? type : "\(type)? = nil" }
}

/// A list in parentheses, on one line if it fits, else one entry a line.
func swiftCall(_ start: String, _ entries: [String], end: String = "") -> [String] {
    let line = "\(start)(\(entries.joined(separator: ", ")))\(end)"
    // Eight columns of indentation are the deepest that is written.
    if line.count + 8 <= swiftWidth { return [line] }
    return ["\(start)("]
        + entries.enumerated().map { index, entry in
            "    \(entry)\(index == entries.count - 1 ? "" : ",")"
        }
        + [")\(end)"]
}
