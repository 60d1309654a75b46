import Trillet

/// Calls every contact of a CSV file, and shows the outcome of each call.
///
///     call-contacts contacts.csv
///
/// TRILLET_API_KEY and TRILLET_WORKSPACE_ID name the account; TRILLET_BASE_URL points it at another
/// service, such as the sandbox.
@main
struct CallContacts {
    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            print("usage: call-contacts FILE")
            return
        }
        let file = CommandLine.arguments[1]
        do {
            try await call(everybodyIn: file)
        } catch let error as TrilletError {
            print("error:", error)
            throw error
        }
    }

    private static func call(everybodyIn file: String) async throws {
        let prompt = "Greet {first_name} and confirm the renewal date."
        // Nobody is called before every row can be.
        let report = try await ContactFile.path(file).check(ContactOptions(prompt: prompt))
        for problem in report.problems { print("row \(problem.row): \(problem.message)") }
        try report.requireValid()

        let client = try TrilletClient()
        let agent = try await client.agents.create(
            name: "Front Desk",
            ttsModel: TtsModel(provider: "rime", voiceId: "mistv2_Brook", language: "en"),
            llmModel: "gpt-4o-mini"
        )
        _ = try await client.flows.create(
            name: "Renewal reminder",
            direction: .outbound,
            promptType: .simple,
            agent: agent.id,
            prompt: prompt
        )
        let batch = try await client.batchCalls.start(agentId: agent.id, file: file)
        print("calling \(batch.totalCalls) contacts")
        let end = try await client.batchCalls.wait(batchId: batch.batchId) { update in
            print("\(update.state): \(update.completed ?? 0) of \(update.total ?? 0) completed")
            return .goOn
        }
        for try await call in client.batchCalls.results(batchId: batch.batchId) {
            print(call.phoneNumber, call.error ?? call.status.rawValue)
        }
        print("\(end.completed ?? 0) completed, \(end.failed ?? 0) failed")
        await client.close()
    }
}
