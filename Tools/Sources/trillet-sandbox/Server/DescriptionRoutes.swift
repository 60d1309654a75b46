import Hummingbird

/// The description of the API, with the routes of one style.
enum DescriptionRoutes {
    private static let published = Answer(PublishedDescription.document)

    /// Query: `routes`, `overview` (the default) or `published`.
    static func answer(_ request: Request) throws -> Answer {
        let routes = request.uri.queryParameters["routes"].map(String.init)
        switch routes {
        case nil, "overview": return .description
        case "published": return published
        case let other?:
            throw Failure.control("routes must be overview or published, not \"\(other)\"")
        }
    }
}

/// The description with the published routes in the places of those of the overview.
enum PublishedDescription {
    private static let extensionName = "x-trillet-published"
    /// Their published pages have no parameters.
    private static let bareLists: Set<String> = ["agents.list", "flows.list"]

    static let document: JSONObject = {
        let text = ServedDescription.json.withUTF8Buffer { Array($0) }
        guard var document = (try? JSONReader.value(of: text))?.objectValue else { return [:] }
        var components = document["components"]?.objectValue ?? [:]
        var schemas = components["schemas"]?.objectValue ?? [:]
        let parameters = components["parameters"]?.objectValue ?? [:]
        var paths = JSONObject()
        for (_, item) in objects(document["paths"]) {
            let shared = item["parameters"]?.arrayValue ?? []
            for (method, operation) in objects(.object(item)) where method != "parameters" {
                let route = operation[extensionName]?.objectValue ?? [:]
                guard let path = route["path"]?.stringValue,
                    let verb = route["method"]?.stringValue
                else { continue }
                var target = published(operation, route, shared, parameters)
                rename(in: &target, route, &schemas)
                var entry = paths[path]?.objectValue ?? [:]
                entry[verb] = .object(target)
                paths[path] = .object(entry)
            }
        }
        components["schemas"] = .object(schemas)
        document["components"] = .object(components)
        document["paths"] = .object(paths)
        return document
    }()

    private static func objects(_ value: JSON?) -> [(String, JSONObject)] {
        (value?.objectValue?.members ?? []).compactMap { member in
            member.value.objectValue.map { (member.key, $0) }
        }
    }

    /// The operation with the parameters of its path beside its own, under their published names.
    private static func published(
        _ operation: JSONObject,
        _ route: JSONObject,
        _ shared: [JSON],
        _ parameters: JSONObject
    ) -> JSONObject {
        var target = operation
        target[extensionName] = nil
        let isBare = operation["operationId"]?.stringValue.map(bareLists.contains) == true
        let own = isBare ? [] : operation["parameters"]?.arrayValue ?? []
        let renamed = shared.map { parameter -> JSON in
            guard var found = resolved(parameter, parameters).objectValue else { return parameter }
            found["name"] = found["name"]?.stringValue.map { .string(name($0, route)) }
            return .object(found)
        }
        target["parameters"] = own.isEmpty && renamed.isEmpty ? nil : .array(own + renamed)
        return target
    }

    private static func resolved(_ parameter: JSON, _ parameters: JSONObject) -> JSON {
        guard let name = reference(parameter) else { return parameter }
        return parameters[name] ?? parameter
    }

    /// The last part of a reference.
    private static func reference(_ value: JSON?) -> String? {
        value?.objectValue?["$ref"]?.stringValue?.split(separator: "/").last.map(String.init)
    }

    private static func name(_ name: String, _ route: JSONObject) -> String {
        route["fields"]?.objectValue?[name]?.stringValue ?? name
    }

    /// Gives the members of the body their published names, and requires what that page requires.
    private static func rename(
        in operation: inout JSONObject,
        _ route: JSONObject,
        _ schemas: inout JSONObject
    ) {
        guard var body = operation["requestBody"]?.objectValue,
            var content = body["content"]?.objectValue, let kind = content.keys.first,
            var media = content[kind]?.objectValue, let schema = reference(media["schema"]),
            var fields = schemas[schema]?.objectValue
        else { return }
        let more = route["required"]?.arrayValue ?? []
        guard route["fields"] != nil || !more.isEmpty else { return }
        fields["properties"] = fields["properties"].map { renamed($0, route) }
        let required = (fields["required"]?.arrayValue ?? []) + more
        fields["required"] = .array(
            required.map { .string(name($0.stringValue ?? "", route)) }
        )
        schemas[schema] = .object(fields)
        media["example"] = media["example"].map { renamed($0, route) }
        content[kind] = .object(media)
        body["content"] = .object(content)
        operation["requestBody"] = .object(body)
    }

    private static func renamed(_ object: JSON, _ route: JSONObject) -> JSON {
        var result = JSONObject()
        for member in object.objectValue?.members ?? [] {
            result[name(member.key, route)] = member.value
        }
        return .object(result)
    }
}
