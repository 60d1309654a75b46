/// Reads the operations of the description's paths.
struct OperationReader {
    let components: YAMLValue
    let schemas: SchemaReader

    private static let methods: Set<String> = ["get", "post", "put", "patch", "delete"]

    func operations(in paths: YAMLValue) throws -> [Operation] {
        var operations: [Operation] = []
        for (path, item) in try paths.members() {
            try item.allow(OperationReader.methods.union(["parameters"]))
            let shared = try item.optionalList("parameters")
            for (method, value) in try item.members() where method != "parameters" {
                let route = Route(method: method, path: path)
                operations.append(try operation(value, route: route, sharedParameters: shared))
            }
        }
        return operations
    }

    private func operation(
        _ unnamed: YAMLValue,
        route: Route,
        sharedParameters: [YAMLValue]
    ) throws -> Operation {
        let id = try unnamed.text("operationId")
        let value = unnamed.named(id)
        try value.allow([
            "operationId", "tags", "summary", "description", "parameters", "requestBody",
            "responses", "security", "x-source", "x-assumed", "x-trillet-published",
            "x-trillet-upload", "x-trillet-checks-contacts", "x-trillet-look-for",
            "x-trillet-list", "x-trillet-list-note", "x-trillet-download",
        ])
        let tags = try value.value("tags").list()
        guard tags.count == 1, id.hasPrefix("\(try tags[0].text()).") else {
            throw value.failure("must have one tag, the part of its id before the dot")
        }
        let published = try PublishedRoute(value.value("x-trillet-published"))
        let parameters = try sharedParameters + value.optionalList("parameters")
        let body = try requestBody(value)
        var fields = try parameters.map { try parameter($0, published: published) }
        fields += try uploadFields(value, isMultipart: body.request == .multipart)
        fields += try downloadFields(value)
        fields += try bodyFields(body, published: published)
        try check(fields, of: value, overview: route, published: published)
        let answers = AnswerReader(components: components, schemas: schemas)
        let answer = try answers.answer(value)
        return Operation(
            id: id,
            resource: try tags[0].text(),
            summary: try value.text("summary"),
            description: try value.optionalText("description"),
            source: try value.text("x-source"),
            assumptions: try value.texts("x-assumed"),
            overview: route,
            published: published.route,
            publishedSource: published.source,
            checksContacts: try value.flag("x-trillet-checks-contacts"),
            list: try list(value, answer),
            lookFor: try value.optionalText("x-trillet-look-for"),
            request: body.request,
            filePart: body.filePart,
            fields: fields.filter { $0.place == .path } + fields.filter { $0.place != .path },
            requestRecord: body.record?.name,
            requestExample: body.example,
            answer: answer,
            errors: try answers.errors(value)
        )
    }

    // MARK: Parameters

    private func parameter(_ value: YAMLValue, published: PublishedRoute) throws -> Field {
        let value = try AnswerReader.resolve(value, in: components)
        try value.allow([
            "name", "in", "required", "description", "schema", "content", "example", "x-source",
            "x-assumed",
        ])
        let content = try parameterContent(value)
        let schema = try content.value("schema")
        let name = try value.text("name")
        let location = try value.text("in")
        guard let place = Field.Place(rawValue: location), place == .path || place == .query else {
            throw value.failure("must be in path or query")
        }
        let isRequired = try value.flag("required")
        let member = Member(
            name: name,
            type: try schemas.type(schema),
            isRequired: isRequired,
            description: try value.text("description"),
            assumptions: try value.texts("x-assumed"),
            isPublishedOnly: false,
            example: try content.value("example").node,
            choices: try schemas.choices(schema)
        )
        return Field(
            place: place,
            publishedName: published.fields[name] ?? name,
            member: member,
            required: isRequired ? .always : .never
        )
    }

    /// What has the parameter's schema and example: one with a content is JSON text in the query.
    private func parameterContent(_ value: YAMLValue) throws -> YAMLValue {
        guard let content = try value.optional("content") else { return value }
        try content.allow(["application/json"])
        return try content.value("application/json")
    }

    // MARK: Bodies

    private struct Body {
        let request: Operation.Request
        let record: Record?
        let example: YAMLNode?
        var filePart: FilePart?
    }

    private func requestBody(_ value: YAMLValue) throws -> Body {
        guard let body = try value.optional("requestBody") else {
            return Body(request: .none, record: nil, example: nil)
        }
        try body.allow(["required", "content"])
        let content = try body.value("content").members()
        guard content.count == 1, let (type, media) = content.first else {
            throw body.failure("must have one kind of content")
        }
        try media.allow(["schema", "example", "encoding"])
        let schema = try media.value("schema")
        guard case .record(let name) = try schemas.type(schema) else {
            throw schema.failure("must be a $ref to a named schema")
        }
        let record = try schemas.record(name)
        switch type {
        case "application/json":
            return Body(request: .json, record: record, example: try media.value("example").node)
        case "multipart/form-data":
            let part = try filePart(of: record, encoding: media.value("encoding"))
            return Body(request: .multipart, record: record, example: nil, filePart: part)
        default:
            throw body.failure("has the unknown content '\(type)'")
        }
    }

    private func filePart(of record: Record, encoding: YAMLValue) throws -> FilePart {
        let files = record.members.filter(\.isFile)
        guard files.count == 1 else {
            throw encoding.failure("\(record.name) must have one file, a 'contentMediaType'")
        }
        let type = try encoding.value(files[0].name).text("contentType")
        return FilePart(name: files[0].name, contentType: type)
    }

    private func bodyFields(_ body: Body, published: PublishedRoute) throws -> [Field] {
        guard let record = body.record else { return [] }
        // The file of a multipart body is described by x-trillet-upload, which knows its sources.
        let members = record.members.filter { body.request == .json || !$0.isFile }
        return members.map { member in
            let onlyPublished = published.required.contains(member.name)
            return Field(
                place: .body,
                publishedName: published.fields[member.name] ?? member.name,
                member: member,
                required: member.isRequired ? .always : onlyPublished ? .onPublishedRoute : .never
            )
        }
    }

    private func uploadFields(_ value: YAMLValue, isMultipart: Bool) throws -> [Field] {
        guard let upload = try value.optional("x-trillet-upload") else {
            if isMultipart { throw value.failure("has no 'x-trillet-upload' for its file") }
            return []
        }
        return try upload.list().map { value in
            try value.allow(["name", "kind", "description"])
            let kinds: [String: Field.Place] = [
                "path": .filePath, "text": .fileText, "name": .fileName,
            ]
            guard let place = kinds[try value.text("kind")] else {
                throw value.failure("must be of kind path, text or name")
            }
            let member = Member(
                name: try value.text("name"),
                type: .string,
                isRequired: false,
                description: try value.text("description"),
                assumptions: [],
                isPublishedOnly: false,
                example: nil
            )
            return Field(place: place, publishedName: member.name, member: member, required: .never)
        }
    }

    private func downloadFields(_ value: YAMLValue) throws -> [Field] {
        guard let download = try value.optional("x-trillet-download") else { return [] }
        try download.allow(["name", "description"])
        let member = Member(
            name: try download.text("name"),
            type: .string,
            isRequired: false,
            description: try download.text("description"),
            assumptions: [],
            isPublishedOnly: false,
            example: nil
        )
        return [
            Field(
                place: .downloadPath,
                publishedName: member.name,
                member: member,
                required: .never
            )
        ]
    }

    // MARK: Lists

    private func list(_ value: YAMLValue, _ answer: Answer) throws -> List? {
        guard let name = try value.optional("x-trillet-list") else { return nil }
        let member = try name.text()
        // The names of the iterators follow from it.
        guard try value.text("operationId").contains(/\.(list(_[a-z]+)?|history)$/) else {
            throw name.failure(
                "is for operations named 'history', 'list' or 'list_' and what they list"
            )
        }
        let note = try value.optionalText("x-trillet-list-note")
        if case .list(let item) = answer.shapes[0] {
            return List(member: member, isArray: true, note: note, item: item)
        }
        guard case .record(let page) = answer.shapes[0],
            let items = try schemas.record(page).members.first(where: { $0.name == member }),
            case .list(let item) = items.type
        else { throw name.failure("names '\(member)', which is no array of the operation's page") }
        return List(member: member, isArray: false, note: note, item: item)
    }

    // MARK: Agreement

    /// The core marks each field of a request that it has read with one bit of 64.
    private static let mostFields = 64

    private func check(
        _ fields: [Field],
        of value: YAMLValue,
        overview: Route,
        published: PublishedRoute
    ) throws {
        let names = fields.map(\.name)
        guard names.count <= OperationReader.mostFields else {
            throw value.failure(
                "has \(names.count) request fields; the library can tell \(OperationReader.mostFields) apart"
            )
        }
        for name in names where names.filter({ $0 == name }).count > 1 {
            throw value.failure("has two request fields named '\(name)'")
        }
        for name in Set(published.fields.keys).union(published.required).sorted()
        where !names.contains(name) {
            throw value.failure("x-trillet-published names '\(name)', which is no request field")
        }
        let pathFields = fields.filter { $0.place == .path }
        try checkPath(overview.path, names: pathFields.map(\.name), of: value)
        try checkPath(published.route.path, names: pathFields.map(\.publishedName), of: value)
    }

    private func checkPath(_ path: String, names: [String], of value: YAMLValue) throws {
        let found = path.matches(of: /\{([^}]*)\}/).map { String($0.output.1) }
        guard found == names else {
            throw value.failure("the path \(path) does not hold the path parameters \(names)")
        }
    }
}

/// The route that an operation has on the per-endpoint pages.
private struct PublishedRoute {
    let route: Route
    let fields: [String: String]
    let required: [String]
    let source: String

    init(_ value: YAMLValue) throws {
        try value.allow(["method", "path", "fields", "required", "source", "appends"])
        route = Route(
            method: try value.text("method"),
            path: try value.text("path"),
            appendedFields: try value.optionalList("appends").map { try $0.text() }
        )
        source = try value.text("source")
        required = try value.optionalList("required").map { try $0.text() }
        let renamed = try value.optional("fields")?.members() ?? []
        fields = try Dictionary(uniqueKeysWithValues: renamed.map { ($0.key, try $0.value.text()) })
    }
}
