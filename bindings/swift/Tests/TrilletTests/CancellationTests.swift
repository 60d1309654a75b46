import Foundation
import Testing
import Trillet

@Suite("Cancellation")
struct CancellationTests {
    @Test("cancelling the task ends the request, and says whether the service can have acted")
    func cancelsARequest() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let id = UUID().uuidString
        let task = Task {
            await failure {
                try await client.calls.send(
                    agentId: agent.id,
                    toNumber: "+12025550164",
                    options: striking("delay; ms=50000; when=after", id: id)
                )
            }
        }
        #expect(try await until { try await client.effects(of: [id]) == 1 })
        let start = ContinuousClock.now
        task.cancel()
        let error = await task.value
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(error?.type == .cancelled)
        #expect(error?.sent == .maybe)
    }

    @Test("a task that is cancelled already sends nothing")
    func sendsNothingWhenCancelled() async throws {
        let client = try Sandbox.shared.client()
        let id = UUID().uuidString
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await failure {
                try await client.calls.send(
                    agentId: "a",
                    toNumber: "+12025550164",
                    options: RequestOptions(headers: ["x-request-id": id])
                )
            }
        }
        task.cancel()
        let error = await task.value
        #expect(error?.type == .cancelled)
        #expect(error?.sent == .no)
        #expect(try client.stats()["operations"]?["calls.send"] == nil)
    }

    @Test("a client that nobody refers to any more is closed")
    func closesForgottenClients() async throws {
        weak var forgotten: TrilletClient?
        do {
            let client = try Sandbox.shared.client()
            _ = try await client.agents.list()
            forgotten = client
        }
        #expect(forgotten == nil)
    }

    @Test("close waits for what is under way, and refuses what comes later")
    func closes() async throws {
        let client = try Sandbox.shared.client()
        async let slow = client.agents.list(options: striking("delay; ms=500"))
        #expect(
            try await until { try client.stats()["queue"]?["inFlight"]?.intValue == 1 }
        )
        #expect(await client.close())
        #expect(try await slow.agents.isEmpty)
        let error = await failure { try await client.agents.list() }
        #expect(error?.type == .closed)
        #expect(error?.sent == .no)
    }

    @Test("drain ends what waits and lets what is on the wire end")
    func drains() async throws {
        let client = try Sandbox.shared.client { $0.maxInFlight = 1 }
        async let first = client.agents.list(options: striking("delay; ms=3000"))
        #expect(
            try await until { try client.stats()["queue"]?["inFlight"]?.intValue == 1 }
        )
        async let second = failure { try await client.agents.list() }
        #expect(
            try await until { try client.stats()["queue"]?["queued"]?.intValue == 1 }
        )
        // A request counts as queued for a moment before it is on the wire: let that pass.
        try await Task.sleep(for: .milliseconds(500))
        #expect(await client.drain(timeout: .seconds(20)))
        #expect(try await first.agents.isEmpty)
        let error = await second
        #expect(error?.type == .cancelled)
        #expect(error?.sent == .no)
    }

    @Test("warm opens connections, and the log has lines without keys and numbers")
    func warmsAndLogs() async throws {
        let client = try Sandbox.shared.client()
        let lines = Lines()
        #expect(client.setLog(.debug) { _, line in lines.add(line) })
        #expect(try await client.warm(2).open == 2)
        _ = await failure { try await client.calls.send(agentId: "a", toNumber: "+12025550164") }
        #expect(
            try await until { lines.all.contains { $0.contains("operation=calls.send") } }
        )
        #expect(!lines.all.contains { $0.contains("12025550164") || $0.contains("key-") })
        #expect(client.setLog(.off))
    }
}
