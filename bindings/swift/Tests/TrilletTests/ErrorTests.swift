import Foundation
import Testing
import Trillet

@Suite("Errors")
struct ErrorTests {
    @Test("what does not exist is notFound, with status, meta and a readable line")
    func namesWhatIsMissing() async throws {
        let client = try Sandbox.shared.client()
        let id = "0123456789abcdef01234567"
        let error = await failure { try await client.agents.get(agentId: id) }
        #expect(error?.type == .notFound)
        #expect(error?.status == 404)
        #expect(error?.sent == .no)
        #expect(error?.isRetryable == false)
        #expect(error?.meta.operation == "agents.get")
        #expect(error?.meta.attempts == 1)
        #expect(error?.meta.requestId?.isEmpty == false)
        let text = error.map(String.init(describing:)) ?? ""
        #expect(text.hasPrefix("agents.get: HTTP 404: "))
        #expect(!text.contains("key-"))
    }

    @Test("a request that is wrong names its field, and nothing is sent")
    func namesTheField() async throws {
        let client = try Sandbox.shared.client()
        let error = await failure { try await client.calls.send(agentId: "a", toNumber: "555") }
        #expect(error?.type == .invalidArgument)
        #expect(error?.field == "toNumber")
        #expect(error?.meta.attempts == 0)
        #expect(error?.sent == .no)
    }

    @Test("a strict client refuses a field that the operation does not have")
    func refusesUnknownFields() async throws {
        let client = try Sandbox.shared.client { $0.validate = .strict }
        let error = await failure { try await client.call("agents.list", ["pge": 2]) }
        #expect(error?.type == .invalidArgument)
        #expect(error?.field == "pge")
        #expect(error?.message.contains("did you mean 'page'?") == true)
        let asEver = RequestOptions(validate: true)
        _ = try await client.call("agents.list", ["pge": 2], options: asEver)
        _ = try await client.agents.list()
    }

    @Test("a call whose answer was lost is not repeated, and its error says where to look")
    func sentMaybe() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let id = UUID().uuidString
        let error = await failure {
            try await client.calls.send(
                agentId: agent.id,
                toNumber: "+12025550164",
                options: striking("reset; when=after", id: id)
            )
        }
        #expect(error?.type == .connection)
        #expect(error?.sent == .maybe)
        #expect(error?.lookFor?.isEmpty == false)
        #expect(try await client.effects(of: [id]) == 1)
    }

    @Test("attempts that failed are listed, and the wait that the service asks for is a duration")
    func listsRetries() async throws {
        let client = try Sandbox.shared.client()
        let error = await failure {
            try await client.agents.list(options: striking("status; status=429; retryAfter=3600"))
        }
        #expect(error?.type == .rateLimited)
        #expect((error?.retryAfter ?? .zero) > .seconds(3500))
        var options = striking("status; status=500")
        options.maxRetries = 1
        let again = await failure { try await client.agents.list(options: options) }
        #expect(again?.meta.attempts == 2)
        #expect(again?.meta.retries.first?.type == .server)
        #expect(again?.meta.retries.first?.status == 500)
    }

    @Test("a client without a key names the option")
    func namesTheOption() {
        let error = #expect(throws: TrilletError.self) {
            try TrilletClient(ClientOptions(env: false))
        }
        #expect(error?.type == .configuration)
        #expect(error?.field == "apiKey")
    }

    @Test("a timeout given as a duration holds for the request")
    func timesOut() async throws {
        let client = try Sandbox.shared.client()
        var options = striking("delay; ms=20000")
        options.timeout = .milliseconds(300)
        let error = await failure { try await client.agents.list(options: options) }
        #expect(error?.type == .timeout)
    }

    @Test("neither printing nor mirroring options shows the key or a proxy's password")
    func hidesSecrets() {
        let options = ClientOptions(apiKey: "sk-secret", proxy: "http://u:pass@proxy.example")
        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(options)", String(reflecting: options), dumped] {
            #expect(!text.contains("sk-secret"))
            #expect(!text.contains("pass"))
        }
    }
}
