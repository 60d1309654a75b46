import Foundation
import Synchronization

@testable import Trillet

/// One sandbox for all tests. Each test has a workspace of its own in it, and orders faults by a
/// header of the request that they strike.
final class Sandbox: Sendable {
    static let shared = Sandbox()

    private struct Ready: Decodable {
        let url: String
    }

    private static let workspaces = 64

    let url: String
    private let process: Process
    private let nextWorkspace = Atomic<Int>(0)

    private init() {
        let process = Process()
        guard let program = ProcessInfo.processInfo.environment["TRILLET_SANDBOX"] else {
            fatalError("Name the sandbox in TRILLET_SANDBOX; `make test-swift` does.")
        }
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            [
                "--port", "0", "--log-level", "error", "--requests-per-minute", "0",
                "--speed", "600", "--seed", "1",
            ]
            + (0..<Sandbox.workspaces).flatMap { ["--account", "key-\($0):workspace-\($0)"] }
        let output = Pipe()
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            fatalError("\(program) cannot be started: \(error)")
        }
        var line = Data()
        while !line.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { fatalError("the sandbox ended before it was ready") }
            line += more
        }
        guard let ready = try? JSONDecoder().decode(Ready.self, from: line) else {
            fatalError("the sandbox said \(String(decoding: line, as: UTF8.self))")
        }
        url = ready.url
        self.process = process
        atexit { Sandbox.shared.process.terminate() }
    }

    /// A client of a workspace that no other test uses.
    func client(_ change: (inout ClientOptions) -> Void = { _ in }) throws -> TrilletClient {
        let number = nextWorkspace.add(1, ordering: .relaxed).oldValue
        precondition(number < Sandbox.workspaces, "give the sandbox more workspaces")
        var options = ClientOptions(
            apiKey: "key-\(number)",
            workspaceId: "workspace-\(number)",
            baseUrl: url
        )
        change(&options)
        return try TrilletClient(options)
    }
}

extension TrilletClient {
    /// An agent with a number and a flow.
    func readyAgent() async throws -> Agent {
        let agent = try await plainAgent("Front Desk")
        _ = try await flows.create(
            name: "Renewal reminder",
            direction: .outbound,
            promptType: .simple,
            agent: agent.id,
            prompt: "Greet {first_name}."
        )
        return agent
    }

    func plainAgent(_ name: String) async throws -> Agent {
        try await agents.create(
            name: name,
            ttsModel: TtsModel(provider: "rime", voiceId: "mistv2_Brook"),
            llmModel: "gpt-4o-mini"
        )
    }

    /// How many calls the service has placed for the requests of these ids.
    func effects(of requestIds: [String]) async throws -> Int {
        let ledger = try await call("GET /sandbox/ledger", ["operation": "calls.send"]).data
        guard case .array(let entries)? = ledger["entries"] else { return -1 }
        return entries.filter { requestIds.contains($0["requestId"]?.stringValue ?? "") }
            .reduce(0) { $0 + ($1["effects"]?.intValue ?? 0) }
    }

    /// How many calls the service has placed in the workspace that an agent is of.
    func placedCalls(by agent: Agent) async throws -> Int {
        let overview = try await call("GET /sandbox/overview").data
        guard case .array(let workspaces)? = overview["workspaces"] else { return -1 }
        let mine = workspaces.first { $0["id"]?.stringValue == agent.workspaceId }
        return mine?["totals"]?["calls"]?.intValue ?? -1
    }
}

/// A fault for one request, and the id by which the ledger knows it.
func striking(_ fault: String, id: String = UUID().uuidString) -> RequestOptions {
    RequestOptions(headers: ["x-sandbox-fault": fault, "x-request-id": id])
}

/// What the work throws, which is expected to throw.
func failure(_ work: () async throws -> some Any) async -> TrilletError? {
    do {
        _ = try await work()
        return nil
    } catch {
        return error as? TrilletError
    }
}

/// Waits until something is so; a loaded machine takes its time.
func until(_ isSo: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<600 {
        if try await isSo() { return true }
        try await Task.sleep(for: .milliseconds(50))
    }
    return false
}
