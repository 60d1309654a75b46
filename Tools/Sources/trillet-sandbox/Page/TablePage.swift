import GRDB
import Hummingbird

/// A part of a table's rows, the newest first, and how many there are in all.
struct TablePage: Sendable {
    private let query: PageQuery
    private let table: String
    private var conditions = ["workspaceId = :workspace"]
    private var arguments: StatementArguments

    init(_ query: PageQuery, of table: String) {
        self.query = query
        self.table = table
        arguments = ["workspace": query.workspace]
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
            let from = "FROM \(table) WHERE \(conditions.joined(separator: " AND "))"
            let rows = try Row.fetchAll(
                database,
                sql: "SELECT * \(from) ORDER BY sequence DESC LIMIT :limit OFFSET :offset",
                arguments: arguments + ["limit": query.limit, "offset": query.offset]
            )
            let total = try Int.fetchOne(
                database,
                sql: "SELECT count(*) \(from)",
                arguments: arguments
            )
            return [
                "entries": .array(try rows.map { try show($0, &names, database) }),
                "total": .number(total ?? 0),
            ]
        }
        return Answer.uncached(answer).response
    }
}
