/// The constants of operation_table.c while they are written: each text and each list once.
struct PackedTable {
    private(set) var texts: [String] = []
    private var places: [String: Int] = [:]
    private(set) var words: [Int] = []
    private(set) var fields: [String] = []
    private(set) var operations: [String] = []

    init(_ description: Description) {
        for operation in description.operations { add(operation, description) }
    }

    // MARK: Entries

    private mutating func add(_ operation: Operation, _ description: Description) {
        let entries = operation.fields.map { entry($0, description) }
        let fields = append(entries)
        self.operations.append(
            """
                {.id = \(text(operation.id)),
                 .summary = \(text(operation.summary)),
                 .overview = \(route(operation.overview)),
                 .published = \(route(operation.published)),
                 .look_for = \(text(operation.lookFor)),
                 .list_member = \(text(listMember(operation))),
                 .file_part = \(text(operation.filePart?.name)),
                 .file_type = \(text(operation.filePart?.contentType)),
                 .fields = \(fields),
                 .body = \(operation.request.number),
                 .answer = \(operation.answer.kind.number),
                 .checks_contacts = \(operation.checksContacts ? 1 : 0),
                 .is_about_call = \(PackedTable.isAboutCall(operation.id) ? 1 : 0)}
            """
        )
    }

    /// Whether the answer can be about one phone call. Other answers are not searched for its id.
    private static func isAboutCall(_ id: String) -> Bool {
        id.hasPrefix("calls.") || id.hasPrefix("web_calls.") || id == "batch_calls.get_call"
    }

    /// A member that no page has stands for a page that is the array itself.
    private func listMember(_ operation: Operation) -> String? {
        operation.list.map { $0.isArray ? "[]" : $0.member }
    }

    /// What a strict client knows of an object, or of those in an array. Other clients check the
    /// values as well where the record says so.
    private mutating func members(of type: ValueType, _ description: Description) -> String {
        if case .map = type { return PackedTable.nothing }
        guard let record = description.record(type.recordName ?? ""), !record.isOpen else {
            return PackedTable.nothing
        }
        let entries = record.members.map { member in
            entry(
                name: member.name,
                publishedName: member.name,
                place: .body,
                value: record.isChecked ? member : nil,
                required: record.isChecked && member.isRequired ? .always : .never,
                members: members(of: member.type, description)
            )
        }
        return append(entries)
    }

    private mutating func entry(_ field: Field, _ description: Description) -> String {
        entry(
            name: field.name,
            publishedName: field.publishedName,
            place: field.place,
            value: field.member,
            required: field.required,
            members: members(of: field.member.type, description)
        )
    }

    /// Without a `value` to follow, anything is one.
    private mutating func entry(
        name: String,
        publishedName: String,
        place: Field.Place,
        value: Member?,
        required: Field.Requirement,
        members: String
    ) -> String {
        let type = value?.type ?? .any
        return """
                {.name = \(text(name)), .published_name = \(text(publishedName)),
                 .members = \(members), .choices = \(list(of: value?.choices ?? [])),
                 .place = \(place.number), .type = \(type.number),
                 .required = \(required.number), .is_nullable = \(type.isNullable ? 1 : 0)}
            """
    }

    private mutating func route(_ route: Route) -> String {
        let method = ["get", "post", "put", "patch", "delete"].firstIndex(of: route.method) ?? 0
        return "{\(text(route.path)), \(list(of: route.appendedFields)), \(method)}"
    }

    // MARK: Texts and lists

    private static let nothing = "{0, 0}"

    private mutating func text(_ text: String?) -> String {
        guard let text else { return PackedTable.nothing }
        return "SHIM_TEXT(t\(place(of: text)))"
    }

    private mutating func place(of text: String) -> Int {
        if let place = places[text] { return place }
        places[text] = texts.count
        texts.append(text)
        return texts.count - 1
    }

    private mutating func list(of texts: [String]) -> String {
        guard !texts.isEmpty else { return PackedTable.nothing }
        let added = texts.map { place(of: $0) }
        let known = words.indices.first { start in
            words.count - start >= added.count
                && Array(words[start..<start + added.count]) == added
        }
        let start = known ?? words.count
        if known == nil { words += added }
        return "{\(start), \(added.count)}"
    }

    private mutating func append(_ entries: [String]) -> String {
        guard !entries.isEmpty else { return PackedTable.nothing }
        let known = fields.indices.first { start in
            fields.count - start >= entries.count
                && Array(fields[start..<start + entries.count]) == entries
        }
        let start = known ?? fields.count
        if known == nil { fields += entries }
        return "{\(start), \(entries.count)}"
    }
}

// MARK: The numbers of the core's enums

extension Operation.Request {
    fileprivate var number: Int {
        switch self {
        case .none: 0
        case .json: 1
        case .multipart: 2
        }
    }
}

extension Answer.Kind {
    fileprivate var number: Int {
        switch self {
        case .json: 0
        case .text: 1
        case .binary: 2
        }
    }
}

extension Field.Place {
    fileprivate var number: Int {
        switch self {
        case .path: 0
        case .query: 1
        case .body: 2
        case .filePath: 3
        case .fileText: 4
        case .fileName: 5
        case .downloadPath: 6
        }
    }
}

extension Field.Requirement {
    fileprivate var number: Int {
        switch self {
        case .never: 0
        case .always: 1
        case .onPublishedRoute: 2
        }
    }
}

extension ValueType {
    /// A null is the request builder's business.
    fileprivate var number: Int {
        switch self {
        case .any: 0
        case .string: 1
        case .phoneNumber: 2
        case .integer: 3
        case .number: 4
        case .boolean: 5
        case .record, .map: 6
        case .list: 7
        case .nullable(let type): type.number
        case .union(let types): types.map(\.number) == [6, 1] ? 8 : 0
        }
    }

    fileprivate var isNullable: Bool {
        if case .nullable = self { return true }
        return false
    }
}
