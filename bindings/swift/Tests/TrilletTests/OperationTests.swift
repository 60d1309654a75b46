import Foundation
import Testing
import Trillet

@Suite("Operations")
struct OperationTests {
    @Test("an agent is created, read, changed, listed and deleted, with types")
    func agentLifecycle() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.agents.create(
            name: "Front Desk",
            ttsModel: TtsModel(provider: "rime", voiceId: "mistv2_Brook", language: "en"),
            llmModel: "gpt-4o-mini",
            settings: AgentSettings(speed: 0.6),
            variables: ["branch": "north", "floor": 3]
        )
        let changed = try await client.agents.update(agentId: agent.id, name: "Back Office")
        let read = try await client.agents.get(agentId: agent.id)
        #expect(changed.name == "Back Office")
        #expect(read.ttsModel?.language == "en")
        #expect(read.settings?.speed == 0.6)
        #expect(read.variables == ["branch": "north", "floor": 3])
        #expect(try await client.agents.list().agents.map(\.id) == [agent.id])
        _ = try await client.agents.delete(agentId: agent.id)
        #expect(try await client.agents.list().agents.isEmpty)
    }

    @Test("a flow takes known choices and an explicit null")
    func flowLifecycle() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.plainAgent("Front Desk")
        let flow = try await client.flows.create(
            name: "Reminder",
            direction: .outbound,
            promptType: .simple,
            agent: agent.id,
            welcomeMessage: .aiDynamic,
            prompt: "Remind {first_name}."
        )
        #expect(flow.direction == .outbound)
        #expect(flow.agent?.id == agent.id)
        let changed = try await client.flows.update(
            flowId: flow.id,
            otherFields: ["agent": .null]
        )
        #expect(changed.agent == nil)
        #expect(changed.welcomeMessage == .aiDynamic)
        _ = try await client.flows.delete(flowId: flow.id)
    }

    @Test("a call is placed once, on both routes", arguments: [Routes.overview, .published])
    func placesACall(routes: Routes) async throws {
        let client = try Sandbox.shared.client { $0.routes = routes }
        let agent = try await client.readyAgent()
        let id = UUID().uuidString
        let call = try await client.calls.send(
            agentId: agent.id,
            toNumber: "+12025550164",
            options: RequestOptions(headers: ["x-request-id": id])
        )
        #expect(!call.callId.isEmpty)
        #expect(try await client.effects(of: [id]) == 1)
    }

    @Test("a list that comes as a bare array has no pagination")
    func readsBareArrays() async throws {
        let client = try Sandbox.shared.client { $0.routes = .published }
        let agent = try await client.plainAgent("Front Desk")
        let page = try await client.agents.list()
        #expect(page.agents.map(\.id) == [agent.id])
        #expect(page.pagination == nil)
    }

    @Test("the CSV template comes as text")
    func readsText() async throws {
        let template = try await Sandbox.shared.client().batchCalls.template()
        #expect(template.text.hasPrefix("phone_number"))
        #expect(template.contentType.hasPrefix("text/csv"))
    }

    @Test("any endpoint can be called by method and path")
    func callsAnyEndpoint() async throws {
        let client = try Sandbox.shared.client()
        let response = try await client.call("GET /v2/api/call-history", ["page": 1])
        #expect(response.status == 200)
        #expect(response.meta.attempts == 1)
        #expect(response.data == [])
    }

    @Test("a request is a value that can be stored and sent later")
    func storesRequests() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let request = Calls.Send(
            agentId: agent.id,
            toNumber: "+12025550164",
            metadata: ["order": "1001"],
            otherFields: ["note": .null]
        )
        let stored = try JSONEncoder().encode(request)
        let restored = try JSONDecoder().decode(Calls.Send.self, from: stored)
        #expect(restored == request)
        #expect(try await client.response(to: restored).status == 200)
    }

    @Test("many requests wait without a thread for each")
    func blocksNoThread() async throws {
        let client = try Sandbox.shared.client { $0.maxInFlight = 100 }
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    try await client.agents.list(options: striking("delay; ms=1000")).agents.count
                }
            }
            try await Task.sleep(for: .milliseconds(300))
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
            #expect(threads.count < 60)
            try await group.waitForAll()
        }
    }
}
