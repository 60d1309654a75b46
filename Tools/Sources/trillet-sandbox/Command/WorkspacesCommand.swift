import ArgumentParser
import GRDB

/// `trillet-sandbox workspaces`: what is in a database file.
struct WorkspacesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trillet-sandbox workspaces",
        abstract: "Look at the workspaces of a database file.",
        subcommands: [List.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every workspace and how much is in it.",
            discussion: "One line of JSON per workspace."
        )

        @OptionGroup var file: DatabaseFile

        func run() throws {
            let lines = try file.open().database.read { database in
                try String.fetchAll(database, sql: "SELECT id FROM workspace ORDER BY id")
                    .map { try List.contents(of: $0, database) }
            }
            for line in lines { print(line.text) }
        }

        private static func contents(of workspace: String, _ database: Database) throws -> JSON {
            var contents: JSONObject = ["workspaceId": .string(workspace)]
            let tables = [
                ("keys", "access"), ("agents", "agent"), ("flows", "flow"),
                ("phoneNumbers", "phoneNumber"), ("calls", "call"), ("batches", "batch"),
            ]
            for (name, table) in tables {
                let count = try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM \(table) WHERE workspaceId = ?",
                    arguments: [workspace]
                )
                contents[name] = .number(count ?? 0)
            }
            return .object(contents)
        }
    }
}
