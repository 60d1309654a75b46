import Foundation
import Testing

@testable import Trillet

@Suite("What the service may say beyond its description")
struct DecodingTests {
    private func read<Value: Decodable>(_ text: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func written(_ value: some Encodable) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }

    @Test("fields that are unknown are kept, and written again")
    func keepsUnknownFields() throws {
        let text = #"{"_id":"a1","name":"Desk","mood":{"level":[1,2.5,null,true]}}"#
        let agent = try read(text, as: Agent.self)
        #expect(agent.otherFields == ["mood": ["level": [1, 2.5, .null, true]]])
        #expect(try written(agent) == read(text, as: JSONValue.self))
    }

    @Test("a choice that is unknown keeps its text")
    func keepsUnknownChoices() throws {
        let flow = try read(#"{"_id":"f","name":"n","direction":"sideways"}"#, as: Flow.self)
        #expect(flow.direction == "sideways")
        #expect(flow.direction?.rawValue == "sideways")
        #expect(try written(flow)["direction"] == "sideways")
    }

    @Test("an optional field of another type is nil and stays among the others")
    func keepsFieldsOfAnotherType() throws {
        let agent = try read(#"{"_id":"a","name":"n","status":7}"#, as: Agent.self)
        #expect(agent.status == nil)
        #expect(agent.otherFields == ["status": 7])
    }

    @Test("a required id may come as a number")
    func readsNumericIds() throws {
        let call = try read(#"{"status":"success","call_id":90210777}"#, as: Call.self)
        #expect(call.callId == "90210777")
    }

    @Test("a flow's agent is an id or an object")
    func readsBothFormsOfAnAgent() throws {
        let short = try read(#"{"_id":"f","name":"n","agent":"a1"}"#, as: Flow.self)
        let text = #"{"_id":"f","name":"n","agent":{"_id":"a1","name":"D"}}"#
        let long = try read(text, as: Flow.self)
        #expect(short.agent?.id == "a1")
        #expect(long.agent?.id == "a1")
    }

    @Test("an answer that is not as described is an error with the whole answer in it")
    func keepsTheAnswerOfACall() async throws {
        let client = try Sandbox.shared.client()
        let agent = try await client.readyAgent()
        let request = Calls.Send(agentId: agent.id, toNumber: "+12025550164")
        let error = await failure { try await client.call("calls.send", request, as: Flow.self) }
        #expect(error?.type == .response)
        #expect(error?.sent == .yes)
        #expect(error?.body?["callId"]?.stringValue?.isEmpty == false)
        #expect(error?.message.contains("_id is missing") == true)
    }

    @Test("half of a surrogate pair costs a character, not the answer")
    func survivesLoneSurrogates() throws {
        let text = #"{"ok":true,"status":200,"data":{"_id":"a","name":"x\ud83dy"},"meta":{}}"#
        let response = try Envelope.response(Answer(Data(text.utf8)), as: Agent.self)
        #expect(response.data.name == "x\u{FFFD}y")
        let pair = Data(#"["\ud83d\ude00","\\ud83d"]"#.utf8)
        #expect(LoneSurrogates.replaced(in: pair) == pair)
    }
}
