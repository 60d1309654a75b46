/// A resource as a Swift structure: a request type and an async method for each operation.
struct SwiftResource {
    private let resource: Resource
    private let description: Description
    private let names: SwiftNames

    init(_ resource: Resource, _ description: Description, _ names: SwiftNames) {
        self.resource = resource
        self.description = description
        self.names = names
    }

    private var name: String { upperCamel(resource.name) }

    func text() throws -> String {
        let operations = description.operations(of: resource)
        let lines =
            [
                "// \(generatedMark)", "", "extension TrilletClient {",
                "    /// \(name): what the service does with them.",
                "    public var \(lowerCamel(resource.name)): \(name) { \(name)(client: self) }",
                "}", "",
            ] + swiftComment(resource.description)
            + ["public struct \(name): Sendable {", "    let client: TrilletClient"]
            + (try operations.flatMap { [""] + (try method($0)).map(indented) })
            + (try operations.flatMap { try listMethods($0).map(indented) })
            + ["}", "", "// MARK: Requests", "", "extension \(name) {"]
            + (try operations.map { try request($0) }.joined(separator: [""]))
            + ["}", ""]
        return lines.joined(separator: "\n")
    }

    private func indented(_ line: String) -> String { line.isEmpty ? "" : "    " + line }

    private func method(named operation: Operation) -> String {
        lowerCamel(operation.pythonMethod)
    }

    private func properties(_ operation: Operation) throws -> [SwiftProperty] {
        let all = try names.properties(of: operation.fields, in: resource)
        return all.filter(\.isRequired) + all.filter { !$0.isRequired }
    }

    private func answerType(_ operation: Operation) throws -> String {
        guard let shape = operation.answer.shapes.first else {
            throw DescriptionError(place: operation.id, problem: "answers nothing")
        }
        return try SwiftNames.type(shape, operation.id)
    }

    // MARK: Requests

    private func request(_ operation: Operation) throws -> [String] {
        var members = [
            "public typealias Answer = \(try answerType(operation))", "",
            "public static let operation = \(JSONText.quoted(operation.id))", "",
        ]
        let list = try listed(operation)
        if let list {
            members += [
                "public static func items(of page: Answer) -> [\(list.item)] {",
                "    page.\(list.property)", "}", "",
            ]
        }
        let structure = SwiftStructure(
            name: upperCamel(operation.pythonMethod),
            description: "The request of `\(method(named: operation))`: \(operation.summary)",
            conformances: [list == nil ? "OperationRequest" : "ListRequest"],
            properties: try properties(operation),
            members: members
        )
        return structure.lines(indentation: "    ")
    }

    // MARK: Methods

    private func method(_ operation: Operation) throws -> [String] {
        let properties = try properties(operation)
        var lines = swiftComment(operation.summary)
        if let text = operation.description { lines += ["///"] + swiftComment(text) }
        lines += ["///"] + documentation(of: properties, operation)
        let parameters =
            properties.map { "\(swiftIdentifier($0.name)): \($0.parameterType)" }
            + (operation.request == .none ? [] : ["otherFields: [String: JSONValue] = [:]"])
            + ["options: RequestOptions? = nil"]
        lines += swiftCall(
            "public func \(swiftIdentifier(method(named: operation)))",
            parameters,
            end: " async throws(TrilletError) -> \(try answerType(operation)) {"
        )
        let arguments =
            properties.map { "\($0.name): \(swiftIdentifier($0.name))" }
            + (operation.request == .none ? [] : ["otherFields: otherFields"])
        lines += swiftCall("let request = \(upperCamel(operation.pythonMethod))", arguments)
            .map { "    " + $0 }
        return lines + ["    return try await client.send(request, options: options)", "}"]
    }

    private func documentation(of properties: [SwiftProperty], _ operation: Operation) -> [String] {
        var lines = ["/// - Parameters:"]
        for property in properties {
            lines += wrap(
                "\(property.name): \(property.description)",
                width: swiftWidth - 8,
                first: "///   - ",
                rest: "///     "
            )
        }
        if operation.request != .none {
            lines.append(
                "///   - otherFields: Any other field, also one that is `null`."
            )
        }
        lines.append("///   - options: Options that override those of the client.")
        let errors = operation.errors.filter(\.isParticular).map { error in
            "`\(lowerCamel(errorType(ofStatus: error.status)))` (\(error.status)): \(error.description)"
        }
        let text = (errors + ["Every other kind of ``TrilletError`` too."]).joined(separator: " ")
        for text in ["- Returns: \(operation.answer.description)", "- Throws: \(text)"] {
            lines += wrap(text, width: swiftWidth - 8, first: "/// ", rest: "///   ")
        }
        return lines
    }

    // MARK: Lists

    /// What an operation that answers page by page lists, and the property that holds it.
    private func listed(_ operation: Operation) throws -> (item: String, property: String)? {
        guard operation.fields.contains(where: { $0.place == .query && $0.name == "page" }),
            case .record(let name)? = operation.answer.shapes.first,
            let record = description.record(name),
            record.members.contains(where: { $0.name == "pagination" })
        else { return nil }
        for member in record.members {
            guard case .list(.record(let item)) = member.type else { continue }
            return (item, lowerCamel(member.name))
        }
        return nil
    }

    private func listMethods(_ operation: Operation) throws -> [String] {
        guard try listed(operation) != nil else { return [] }
        let name = method(named: operation)
        let request = upperCamel(operation.pythonMethod)
        let rest = name.dropFirst("list".count)
        return try ["", "/// The pages of `\(name)`, fetched as the loop asks for them."]
            + listMethod("\(name)Pages", operation, "Pages<\(request)>", "pages")
            + ["", "/// Everything that `\(name)` lists, fetched page by page."]
            + listMethod("listAll\(rest)", operation, "Items<\(request)>", "items")
    }

    private func listMethod(
        _ name: String,
        _ operation: Operation,
        _ result: String,
        _ function: String
    ) throws -> [String] {
        let properties = try properties(operation)
        let parameters =
            properties.map { "\(swiftIdentifier($0.name)): \($0.parameterType)" }
            + ["prefetch: Bool = false", "options: RequestOptions? = nil"]
        let arguments = properties.map { "\($0.name): \(swiftIdentifier($0.name))" }
        let request = swiftCall("let request = \(upperCamel(operation.pythonMethod))", arguments)
        return swiftCall("public func \(name)", parameters, end: " -> \(result) {")
            + request.map { "    " + $0 }
            + [
                "    return client.\(function)(request, prefetch: prefetch, options: options)", "}",
            ]
    }
}
