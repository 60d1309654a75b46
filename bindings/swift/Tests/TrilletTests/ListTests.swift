import Foundation
import Testing
import Trillet

@Suite("Lists")
struct ListTests {
    private func client(agents count: Int) async throws -> TrilletClient {
        let client = try Sandbox.shared.client()
        let requests = (0..<count).map { number in
            Agents.Create(
                name: "Agent \(number)",
                ttsModel: TtsModel(provider: "rime", voiceId: "mistv2_Brook"),
                llmModel: "gpt-4o-mini"
            )
        }
        for await result in client.map(requests) { _ = try result.outcome.get() }
        return client
    }

    @Test("pages come one after the other, prefetched or not", arguments: [false, true])
    func givesPages(prefetch: Bool) async throws {
        let client = try await client(agents: 25)
        var sizes: [Int] = []
        for try await page in client.agents.listPages(limit: 10, prefetch: prefetch) {
            sizes.append(page.agents.count)
        }
        #expect(sizes == [10, 10, 5])
    }

    @Test("everything that is listed comes once")
    func givesItems() async throws {
        let client = try await client(agents: 25)
        var names: Set<String> = []
        for try await agent in client.agents.listAll(limit: 7) { names.insert(agent.name) }
        #expect(names == Set((0..<25).map { "Agent \($0)" }))
    }

    @Test("an error that passes does not end the pages: another loop asks again")
    func asksAgain() async throws {
        let client = try await client(agents: 3)
        var options = striking("status; status=503")
        options.maxRetries = 0
        let pages = client.pages(Agents.List(limit: 2), options: options)
        let error = await failure { for try await _ in pages {} }
        #expect(error?.type == .server)
        #expect(error?.isRetryable == true)
        let again = await failure { for try await _ in pages {} }
        #expect(again?.type == .server)
    }

    @Test("what cannot be listed is an error of the first page")
    func refusesWhatIsMissing() async throws {
        let client = try Sandbox.shared.client()
        let error = await failure {
            for try await _ in client.batchCalls.listAllCalls(batchId: "batch_0") {}
        }
        #expect(error?.type == .notFound)
    }

    @Test("cancelling the task ends a page that is under way")
    func cancels() async throws {
        let client = try Sandbox.shared.client()
        let options = striking("delay; ms=30000")
        let task = Task {
            await failure { for try await _ in client.agents.listAll(options: options) {} }
        }
        #expect(
            try await until { try client.stats()["queue"]?["inFlight"]?.intValue == 1 }
        )
        task.cancel()
        #expect(await task.value?.type == .cancelled)
        #expect(await client.close(timeout: .zero) == false)
    }
}
