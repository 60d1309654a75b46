import GRDB

/// What answers show of an agent or a flow, and where.
protocol ServedDocument: DocumentRecord {
    /// How messages call one: `Agent`.
    static var title: String { get }
    /// How lists call several: `agents`. Operations are named after it.
    static var listName: String { get }
    static func path(_ style: RouteStyle) -> String

    func json(at time: Int64, _ database: Database) throws -> JSONObject
    func listEntry(_ style: RouteStyle, at time: Int64, _ database: Database) throws
        -> JSONObject
    /// Gives back what the document holds, in the transaction that deletes it.
    ///
    /// - Parameter quirks: those of the route that deletes it.
    func release(at time: Int64, _ quirks: Quirks?, _ database: Database) throws
}

extension ServedDocument {
    static func existing(id: String, workspace: String, _ database: Database) throws -> Self {
        guard let record = try find(id: id, workspace: workspace, database) else {
            throw Failure.notFound(title, id: id)
        }
        return record
    }
}

/// The routes of agents or flows in both styles. List, get and delete are here; create and update
/// differ.
struct DocumentRoutes<Document: ServedDocument>: Sendable {
    typealias Update = @Sendable (Exchange, RouteStyle) async throws -> Answer

    let store: Store
    let clock: SimulatedClock
    /// Whether the overview routes list everything in a bare array as well.
    let bareLists: Bool
    /// Those of the published routes.
    let quirks: Quirks?

    func routes(create: @escaping Route.Handler, update: @escaping Update) -> [Route] {
        let name = Document.listName
        let overview = Document.path(.overview)
        let published = Document.path(.published)
        return [
            Route(.post, overview, "\(name).create", create),
            Route(.post, published, "\(name).create", create),
            Route(.get, overview, "\(name).list") {
                bareLists ? try await listAll($0, .overview) : try await listPage($0)
            },
            Route(.get, published, "\(name).list") { try await listAll($0, .published) },
            Route(.patch, overview + "/{id}", "\(name).update") { try await update($0, .overview) },
            Route(.put, published + "/{id}", "\(name).update") { try await update($0, .published) },
        ]
            + [(overview, nil), (published, quirks)].flatMap { prefix, quirks in
                [
                    Route(.get, prefix + "/{id}", "\(name).get") { try await get($0, quirks) },
                    Route(.delete, prefix + "/{id}", "\(name).delete") {
                        try await delete($0, quirks)
                    },
                ]
            }
    }

    private func listPage(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange)
        let (entries, total) = try await list(exchange.workspace, .overview, paging.slice)
        return Answer([
            Document.listName: .array(entries), "pagination": paging.json(total: total),
        ])
    }

    private func listAll(_ exchange: Exchange, _ style: RouteStyle) async throws -> Answer {
        Answer(json: .array(try await list(exchange.workspace, style, .all).0))
    }

    private func list(_ workspace: String, _ style: RouteStyle, _ slice: Slice) async throws
        -> ([JSON], Int)
    {
        let time = clock.now
        return try await store.read { database in
            let records = try Document.list(workspace: workspace, slice: slice, database)
            return (
                try records.map { JSON.object(try $0.listEntry(style, at: time, database)) },
                try Document.count(workspace: workspace, database)
            )
        }
    }

    private func get(_ exchange: Exchange, _ quirks: Quirks?) async throws -> Answer {
        let id = exchange.parameter("id")
        if quirks?.isStale(id) == true { throw Quirks.notFound(Document.title) }
        let workspace = exchange.workspace
        let time = clock.now
        let document = try await store.read { database in
            try Document.existing(id: id, workspace: workspace, database).json(at: time, database)
        }
        return Answer(document)
    }

    private func delete(_ exchange: Exchange, _ quirks: Quirks?) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        try await store.write { database in
            guard let record = try Document.find(id: id, workspace: workspace, database) else {
                throw quirks == nil
                    ? Failure.notFound(Document.title, id: id) : Quirks.notFound(Document.title)
            }
            try record.release(at: time, quirks, database)
            try record.delete(database)
        }
        exchange.noteEffect("\(Document.title.lowercased()).deleted", id)
        return Answer([
            "status": "success", "message": .string("\(Document.title) deleted successfully"),
        ])
    }
}
