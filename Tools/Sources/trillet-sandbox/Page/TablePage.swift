import GRDB
import Hummingbird

/// A part of a table's rows, and how many there are in all.
struct TablePage: Sendable {
    private let query: PageQuery
    private let table: String
    private let order: String
    private var conditions: [String] = []
    private var arguments = StatementArguments()

    init(_ query: PageQuery, of table: String, order: String) {
        self.query = query
        self.table = table
        self.order = order
    }

    /// Those of the workspace, the newest first.
    init(_ query: PageQuery, of table: String) {
        self.init(query, of: table, order: "sequence DESC")
        add("workspaceId = :workspace", "workspace", query.workspace)
    }

    /// Only rows of which this holds too. The condition names its value with a colon.
    mutating func add(_ condition: String, _ name: String, _ value: some DatabaseValueConvertible) {
        conditions.append(condition)
        arguments += [name: value]
    }

    func answer(
        _ store: Store,
        _ show: @escaping @Sendable (Row, inout KnownNames, Database) throws -> JSON
    ) async throws -> Response {
        let answer: JSONObject = try await store.read { database in
            var names = KnownNames(database)
            return try json(database) { try show($0, &names, database) }
        }
        return Answer.uncached(answer).response
    }

    func json(_ database: Database, _ show: (Row) throws -> JSON) throws -> JSONObject {
        let from = "FROM \(table) WHERE \(conditions.joined(separator: " AND "))"
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT * \(from) ORDER BY \(order) LIMIT :limit OFFSET :offset",
            arguments: arguments + ["limit": query.limit, "offset": query.offset]
        )
        let total = try Int.fetchOne(
            database,
            sql: "SELECT count(*) \(from)",
            arguments: arguments
        )
        return ["entries": .array(try rows.map(show)), "total": .number(total ?? 0)]
    }
}
