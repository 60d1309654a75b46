import GRDB

// The database keeps the statements it is given here, compiled, for the next time.

extension FetchableRecord {
    static func fetchOne(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments
    ) throws -> Self? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }

    static func fetchAll(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments
    ) throws -> [Self] {
        try fetchAll(database.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension DatabaseValueConvertible where Self: StatementColumnConvertible {
    static func fetchOne(
        _ database: Database,
        cached sql: String,
        arguments: StatementArguments = []
    ) throws -> Self? {
        try fetchOne(database.cachedStatement(sql: sql), arguments: arguments)
    }
}

extension Database {
    func execute(cached sql: String, arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
