import ArgumentParser
import Glibc
import Logging
import NIOCore

struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trillet-sandbox",
        abstract: "A local server that behaves like the Trillet voice-agent service.",
        discussion: """
            No phone rings: calls and batches run by themselves in simulated time, with outcomes \
            that depend on the seed alone. When the server is ready it prints one line of JSON \
            with its url, port, apiKey and workspaceId to standard output; logs go to standard \
            error. SIGTERM and SIGINT stop it.

            SUBCOMMANDS (each with a --help of its own):
              trillet-sandbox serve
                  Run the server; the same as without a subcommand.
              trillet-sandbox keys add|list|remove --database FILE
                  Change the API keys of a database file, also while a server runs on it.
              trillet-sandbox workspaces list --database FILE
                  Show the workspaces of a database file and how much is in them.

            EXAMPLES:
              trillet-sandbox
                  Listen on http://127.0.0.1:4010 and forget everything at the end.
              trillet-sandbox --database sandbox.sqlite --speed 60
                  Keep everything in a file; an hour of calls takes a minute.
              trillet-sandbox --port 0 --requests-per-minute 0 --speed 600
                  For tests: a free port, no rate limit, fast calls.
              trillet-sandbox --host 0.0.0.0 --allow-host sandbox
                  In a container: others reach it as http://sandbox:4010.
              trillet-sandbox --account other-key:other-workspace
                  Let a second key into a second workspace.
            """,
        version: SandboxVersion.text
    )

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            """
            A further name to be reached by, such as a container's; may be repeated. Requests with \
            another Host header than this machine's names and addresses are refused.
            """,
            valueName: "name"
        )
    )
    var allowHost: [String] = []

    @Option(help: "The port to listen on; 0 picks a free one.")
    var port = 4010

    @Option(help: "The SQLite file to keep everything in. Without it, memory is used.")
    var database: String?

    @Option(
        help: """
            How many times faster than real time the simulated time runs. (default: as the database \
            has it, else 1)
            """
    )
    var speed: Double?

    @Flag(help: "Start with time standing still; POST /sandbox/clock steps or resumes it.")
    var paused = false

    @Option(help: "Decides the outcome of every call.")
    var seed: UInt64 = 1

    @Option(help: "How many requests a key may make in a minute; 0 for no limit.")
    var requestsPerMinute = 60

    @Option(help: "How many calls of a workspace may run at the same time.")
    var concurrency = 10

    @Flag(help: "Refuse single calls over the concurrency with 429, instead of placing them.")
    var strictConcurrency = false

    @Option(
        help: ArgumentHelp(
            "A further API key and the workspace it opens; may be repeated.",
            valueName: "key:workspace"
        )
    )
    var account: [String] = []

    @Option(help: "How many rows the file of a batch may have.")
    var maxBatchRows = 100_000

    @Option(help: "MiB of memory that uploads may take together; further ones are answered 503.")
    var maxUploadMemory = 256

    @Option(help: "How many connections may be open; further ones wait.")
    var maxConnections = 1_024

    @Option(help: "Seconds after which a silent connection is closed.")
    var idleTimeout: Int64 = 60

    @Option(help: "Seconds within which the whole of a request must arrive.")
    var requestTimeout: Int64 = 60

    @Option(
        help: """
            Which addresses there are where the service documents two: all, overview or published.
            """
    )
    var routes = ServedRoutes.all

    @Flag(help: "Answer lists of the overview routes with bare arrays of everything, too.")
    var bareLists = false

    @Flag(help: "Refuse an update by PUT without llmModel or promptType, instead of warning.")
    var strictPut = false

    @Flag(
        help: """
            Do on the published routes what the service was seen to do: deleting a flow deletes its \
            agent, deleting what is not there is 500, and a read right after an update is 500 once.
            """
    )
    var quirks = false

    @Option(help: "The secret that webhooks are signed with.")
    var webhookSecret = "whsec_sandbox"

    @Option(
        help: ArgumentHelp(
            "A receiver of every event of every workspace; may be repeated.",
            valueName: "url"
        )
    )
    var webhookUrl: [String] = []

    @Option(help: "What the bodies of webhooks look like.")
    var webhookForm = WebhookForm.event

    @Option(help: "How webhooks are signed; \"secret\" sends it in x-webhook-secret instead.")
    var webhookSignature = WebhookProof.hex

    @Flag(help: "Send webhooks to other hosts than this machine, too.")
    var allowWebhookHosts = false

    @Option(help: "How much is logged to standard error.")
    var logLevel = LogLevel.info

    @Option(help: "How log lines are written: as text, or each as one JSON object.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port must be between 0 and 65535, not \(port)")
        }
        if let speed, !SimulatedClock.allowedSpeeds.contains(speed) {
            throw ValidationError("--speed must be above 0 and at most 1000000, not \(speed)")
        }
        guard requestsPerMinute >= 0 else {
            throw ValidationError("--requests-per-minute must be 0 or more")
        }
        guard concurrency >= 1 else { throw ValidationError("--concurrency must be 1 or more") }
        for (name, value) in [
            ("max-batch-rows", Int64(maxBatchRows)), ("max-connections", Int64(maxConnections)),
            ("max-upload-memory", Int64(maxUploadMemory)),
            ("idle-timeout", idleTimeout), ("request-timeout", requestTimeout),
        ] {
            guard (1...1_000_000_000).contains(value) else {
                throw ValidationError("--\(name) must be between 1 and 1000000000, not \(value)")
            }
        }
        if let name = allowHost.first(where: { !HostRules.isName($0) }) {
            throw ValidationError(
                "--allow-host must be a name without scheme and port, not \"\(name)\""
            )
        }
        if let url = webhookUrl.first(where: { WebhookAddress($0) == nil }) {
            throw ValidationError("--webhook-url \(url): \(WebhookAddress.rule)")
        }
        _ = try accounts()
    }

    func run() async throws {
        let logger = logFormat.logger(level: logLevel.level)
        // A write beyond the limit of a file's size, or to a receiver that has gone, is an error
        // like any other, not the end.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let claim = try database.map { try StoreClaim(path: $0) }
        defer { withExtendedLifetime(claim) {} }
        let store = try openStore()
        let saved = try await store.read { try Setting.savedClock($0) }
        let clock = SimulatedClock(speed: speed, isPaused: paused, saved: saved)
        let accounts = try [SandboxCommand.defaultAccount] + accounts()
        try await store.write { database in
            for account in accounts { try Accounts.ensure(account, at: clock.now, database) }
            try Setting.saveClock(clock.reading, database)
        }
        let server = SandboxServer(
            settings: .init(
                host: host,
                allowedHosts: allowHost,
                port: port,
                seed: seed,
                requestsPerMinute: requestsPerMinute,
                concurrency: concurrency,
                largestBatch: maxBatchRows,
                uploadMemory: maxUploadMemory * 1_048_576,
                connections: ConnectionLimits(
                    connections: maxConnections,
                    idleSeconds: idleTimeout,
                    requestSeconds: requestTimeout
                ),
                isConcurrencyStrict: strictConcurrency,
                accounts: accounts,
                served: routes,
                bareLists: bareLists,
                published: PublishedRules(
                    isStrict: strictPut,
                    quirks: quirks ? Quirks() : nil
                ),
                webhooks: webhooks
            ),
            store: store,
            clock: clock,
            logger: logger
        )
        if !["127.0.0.1", "localhost", "::1"].contains(host) {
            logger.warning("Listening on \(host): others on the network may use this sandbox")
        }
        if clock.reading.isPaused {
            logger.notice("Time stands still at \(Timestamp.text(clock.now)); see /sandbox/clock")
        }
        try await listen(server)
        try store.close()
    }

    private func listen(_ server: SandboxServer) async throws {
        let host = self.host
        do {
            try await server.run { port in SandboxCommand.announce(host: host, port: port) }
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw SandboxFailure(
                "On \(host) the port \(port) is in use; give another as --port, or 0 for a free one"
            )
        } catch {
            throw SandboxFailure("The server on \(host):\(port) failed: \(error)")
        }
    }

    static let defaultAccount = Account(
        apiKey: "sandbox-key",
        workspace: "sandbox-workspace"
    )

    private var webhooks: WebhookSettings {
        WebhookSettings(
            secret: webhookSecret,
            mayLeaveMachine: allowWebhookHosts,
            form: webhookForm,
            proof: webhookSignature,
            urls: webhookUrl
        )
    }

    private func accounts() throws -> [Account] {
        try account.map { text in
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw ValidationError("--account must be KEY:WORKSPACE, not \"\(text)\"")
            }
            return Account(apiKey: parts[0], workspace: parts[1])
        }
    }

    private func openStore() throws -> Store {
        do {
            return try Store(path: database)
        } catch {
            throw SandboxFailure(
                "The database \(database ?? "in memory") cannot be opened: \(error)"
            )
        }
    }

    /// The one line on standard output that says where the server is.
    private static func announce(host: String, port: Int) {
        let line: JSON = [
            "event": "ready", "url": .string(ServerOrigin.url(host: host, port: port)),
            "port": .number(port),
            "apiKey": .string(defaultAccount.apiKey),
            "workspaceId": .string(defaultAccount.workspace),
        ]
        StandardStream.output.write(line: line.text)
    }
}

/// Why the sandbox could not run, for the person who started it.
struct SandboxFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
