import Foundation
import Testing
import Trillet

@Suite("Many requests")
struct ManyTests {
    @Test("every request has its result, in the order of the requests")
    func keepsTheOrder() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let numbers = (0..<200).map { $0 == 7 ? "555" : "+1202555\($0 + 1000)" }
        let requests = numbers.map { Calls.Send(agentId: agent.id, toNumber: $0) }
        var results: [MapResult<Calls.Send>] = []
        for await result in client.map(requests) { results.append(result) }
        #expect(results.map(\.index) == Array(0..<200))
        #expect(results.map(\.request.toNumber) == numbers)
        #expect(results.filter { $0.sent == .yes }.count == 199)
        #expect(results[7].sent == .no)
        #expect(try await client.placedCalls(by: agent) == 199)
    }

    @Test("no more than asked for are under way at once")
    func boundsWhatIsUnderWay() async throws {
        let client = try Sandbox.shared.client()
        let requests = (0..<30).map { _ in Agents.List() }
        let options = striking("delay; ms=50")
        var most = 0
        for await _ in client.map(requests, maxInFlight: 3, ordered: false, options: options) {
            most = max(most, try client.stats()["queue"]?["inFlight"]?.intValue ?? 0)
        }
        #expect((1...3).contains(most))
    }

    @Test("cancel takes no further request, and reports what became of those under way")
    func cancels() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let requests = (0..<1000).lazy.map {
            Calls.Send(agentId: agent.id, toNumber: "+1202555\($0 + 1000)")
        }
        let results = client.map(Array(requests), maxInFlight: 10, ordered: false)
        var sent: [TrilletError.Sent] = []
        for await result in results {
            sent.append(result.sent)
            if sent.count == 20 { results.cancel() }
        }
        #expect((20...40).contains(sent.count))
        #expect(sent.prefix(20).allSatisfy { $0 == .yes })
        let placed = try await client.placedCalls(by: agent)
        #expect(placed <= sent.filter { $0 != .no }.count)
        #expect(placed >= sent.filter { $0 == .yes }.count)
    }

    @Test("a task that is cancelled hears of every request that was taken")
    func losesNoResult() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let request = Calls.Send(agentId: agent.id, toNumber: "+12025550164")
        let options = striking("delay; ms=50000; when=after")
        let task = Task {
            var outcomes: [TrilletError.Sent] = []
            for await result in client.map(
                Array(repeating: request, count: 100),
                maxInFlight: 5,
                options: options
            ) { outcomes.append(result.sent) }
            return outcomes
        }
        #expect(try await until { try await client.placedCalls(by: agent) == 5 })
        task.cancel()
        #expect(await task.value == Array(repeating: .maybe, count: 5))
    }

    @Test("another loop over the same results goes on where the first was left")
    func goesOn() async throws {
        let client = try Sandbox.shared.client()
        let results = client.map((0..<10).map { _ in Agents.List() }, maxInFlight: 2)
        var indices: [Int] = []
        for await result in results {
            indices.append(result.index)
            if indices.count == 4 { break }
        }
        for await result in results { indices.append(result.index) }
        #expect(indices == Array(0..<10))
    }
}
