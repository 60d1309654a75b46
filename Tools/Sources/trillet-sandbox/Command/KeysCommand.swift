import ArgumentParser
import FoundationEssentials

/// `trillet-sandbox keys`: the API keys of a database file, also while a server runs on it.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trillet-sandbox keys",
        abstract: "Add, list and remove API keys of a database file.",
        subcommands: [Add.self, List.self, Remove.self]
    )

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a key into a workspace; both are made if need be.",
            discussion: "Prints one line of JSON with the apiKey and the workspaceId."
        )

        @OptionGroup var file: DatabaseFile

        @Option(help: "The workspace that the key opens.")
        var workspace = SandboxCommand.defaultAccount.workspace

        @Argument(help: "The key. Without it a new one is made up.")
        var key: String?

        func validate() throws {
            guard key?.isEmpty != true else { throw ValidationError("The key must not be empty") }
            guard !workspace.isEmpty else { throw ValidationError("--workspace must not be empty") }
        }

        func run() throws {
            let account = Account(apiKey: key ?? Identifier.apiKey(), workspace: workspace)
            let store = try file.open(mayCreate: true)
            try store.database.write { database in
                try Accounts.ensure(account, at: SimulatedClock.realTime, database)
            }
            let line: JSON = [
                "apiKey": .string(account.apiKey), "workspaceId": .string(account.workspace),
            ]
            print(line.text)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show every key with the workspaces it opens.",
            discussion: "One line per key and workspace, with a tab between the two."
        )

        @OptionGroup var file: DatabaseFile

        func run() throws {
            for account in try file.open().database.read({ try Accounts.all($0) }) {
                print("\(account.apiKey)\t\(account.workspace)")
            }
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shut a key out of one workspace, or of all of them.",
            discussion: "The workspaces stay, with all that is in them."
        )

        @OptionGroup var file: DatabaseFile

        @Option(help: "The only workspace to shut the key out of.")
        var workspace: String?

        @Argument(help: "The key.")
        var key: String

        func run() throws {
            let count = try file.open().database.write { database in
                try Accounts.remove(apiKey: key, workspace: workspace, database)
            }
            guard count > 0 else {
                let place = workspace.map { " to the workspace \($0)" } ?? ""
                throw SandboxFailure("\(file.database) has no such key\(place)")
            }
        }
    }
}

/// `--database` of the subcommands that work on a file.
struct DatabaseFile: ParsableArguments {
    @Option(help: "The SQLite file of the sandbox.")
    var database: String

    /// - Throws: ``SandboxFailure`` when the file is not there or is no database of the sandbox.
    func open(mayCreate: Bool = false) throws -> Store {
        guard mayCreate || FileManager.default.fileExists(atPath: database) else {
            throw SandboxFailure("There is no file \(database)")
        }
        do {
            return try Store(path: database)
        } catch {
            throw SandboxFailure("The database \(database) cannot be opened: \(error)")
        }
    }
}
