import GRDB

/// Creating, listing, getting and changing documents of one kind, for resources that need no more
/// than that.
struct ResourceRoutes: Sendable {
    typealias Show = @Sendable (ResourceRecord, Database) throws -> JSONObject
    typealias Check = @Sendable (JSONObject, _ workspace: String, Database) throws -> Void

    let store: Store
    let clock: SimulatedClock
    let kind: ResourceKind
    let rules: FieldRules
    /// What effects are named after: `folder` for `folder.created`.
    let effect: String
    /// What only the database shows: whether what a document names is there.
    var check: Check = { _, _, _ in }
    var show: Show = { record, _ in try record.json() }

    @Sendable func create(_ exchange: Exchange) async throws -> Answer {
        let body = try await exchange.jsonObject()
        let fields = try rules.created(from: body)
        let answer = try await insert(fields, exchange)
        return Answer(answer)
    }

    /// Stores a new document and answers how it is shown.
    func insert(_ fields: JSONObject, _ exchange: Exchange) async throws -> JSONObject {
        let time = clock.now
        let record = ResourceRecord(
            id: Identifier.document(at: time),
            workspaceId: exchange.workspace,
            kind: kind,
            document: JSON.object(fields).text,
            createdAt: time,
            updatedAt: time
        )
        let answer = try await store.write { database in
            try check(fields, record.workspaceId, database)
            try record.insert(database)
            return try show(record, database)
        }
        exchange.noteEffect("\(effect).created", record.id)
        return answer
    }

    @Sendable func list(_ exchange: Exchange) async throws -> Answer {
        let workspace = exchange.workspace
        let entries = try await store.read { database in
            try ResourceRecord.all(kind, workspace: workspace, database)
                .map { JSON.object(try show($0, database)) }
        }
        return Answer(json: .array(entries))
    }

    @Sendable func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        return Answer(
            try await store.read { database in
                let record = try ResourceRecord.existing(
                    kind,
                    id: id,
                    workspace: workspace,
                    database
                )
                return try show(record, database)
            }
        )
    }

    /// Objects are merged, what is left out stays.
    @Sendable func update(_ exchange: Exchange) async throws -> Answer {
        let changes = try rules.changes(from: try await exchange.jsonObject())
        return Answer(
            try await change(exchange) { fields in
                // What no request can set, such as a list of files, stays as well.
                for key in changes.keys { fields[key] = fields.merging(changes)[key] }
            }
        )
    }

    /// Changes the document that the path names, and answers how it is shown then.
    func change(
        _ exchange: Exchange,
        _ body: @escaping @Sendable (inout JSONObject) throws -> Void
    ) async throws -> JSONObject {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        let answer = try await store.write { database in
            var record = try ResourceRecord.existing(kind, id: id, workspace: workspace, database)
            var fields = try record.fields()
            try body(&fields)
            try check(fields, workspace, database)
            try record.save(fields, at: time, database)
            return try show(record, database)
        }
        exchange.noteEffect("\(effect).updated", id)
        return answer
    }
}

extension ResourceRecord {
    /// The document as answers show it.
    func json() throws -> JSONObject {
        var answer: JSONObject = ["_id": .string(id), "workspaceId": .string(workspaceId)]
        let fields = try fields()
        for key in fields.keys { answer[key] = fields[key] }
        answer["createdAt"] = .string(Timestamp.text(createdAt))
        answer["updatedAt"] = .string(Timestamp.text(updatedAt))
        return answer
    }
}
