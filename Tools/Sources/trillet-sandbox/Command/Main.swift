import ArgumentParser
import NIOCore

/// The program: the server, or one of its subcommands.
///
/// The subcommands are not declared as such, because the server's options stand without one and
/// would be taken from behind a subcommand's name as well.
@main
enum Main {
    static func main() async {
        BatchScheduling.adopt()
        // One event loop answers 50,000 requests a second; more of them only wake each other.
        NIOSingletons.groupLoopCountSuggestion = 1
        let arguments = Array(CommandLine.arguments.dropFirst())
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "serve": await SandboxCommand.main(rest)
        case "keys": KeysCommand.main(rest)
        case "workspaces": WorkspacesCommand.main(rest)
        case "help": await SandboxCommand.main(["--help"])
        default: await SandboxCommand.main(arguments)
        }
    }
}
