import Testing

@testable import Trillet

@Suite("A request")
struct RequestBuilderTests {
    struct Built {
        var url = ""
        var method = Method.get
        var json: String?
        var parts: [String] = []
        var failure: Failure?
    }

    private func build(
        _ operation: Operation,
        _ request: String,
        style: RouteStyle = .overview,
        validation: Validation = .on
    ) -> Built {
        withBytes(request) { bytes in
            Self.built(
                RequestBuilder(operation, style: style, validation: validation),
                from: bytes
            )
        }
    }

    private static func built(_ builder: consuming RequestBuilder, from bytes: Bytes) -> Built {
        var built = Built()
        do throws(Failure) {
            let request = try builder.build(
                from: bytes,
                baseURL: ("http://h" as StaticString).bytes,
                timeoutMilliseconds: 1,
                notAfter: .never
            )
            built.url = written { request.url.append(to: &$0) }
            let isEqual = withBytes(built.url) { request.url.equals($0) }
            #expect(isEqual)
            built.method = request.method
            switch request.body {
            case .none: break
            case .json(let json): built.json = String(decoding: json.bytes, as: UTF8.self)
            case .multipart(let parts):
                built.parts = parts.map { part in written { part.name.decode(into: &$0) } }
            }
        } catch {
            built.failure = error
        }
        return built
    }

    private func field(_ built: Built) -> String? {
        built.failure?.field.map { String($0) }
    }

    @Test("keeps the exact text of every value in its body")
    func keepsText() {
        let built = build(
            OperationTable.callsSend,
            #"{ "agentId" : "a" , "toNumber":"+12025550164", "n": 1.50e+400, "o": { "x" : [ ] } }"#
        )
        #expect(
            built.json
                == #"{"agentId":"a","toNumber":"+12025550164","n":1.50e+400,"o":{ "x" : [ ] }}"#
        )
        #expect(built.url == "http://h/api/v1/calls/call")
    }

    @Test("puts path, query and body fields where they belong")
    func placesFields() {
        let update = build(OperationTable.agentsUpdate, #"{"name":"n","agentId":"a b"}"#)
        #expect(update.url == "http://h/api/v1/agents/a%20b")
        #expect(update.json == #"{"name":"n"}"#)
        let list = build(
            OperationTable.batchCallsListCalls,
            #"{"batchId":"b","page":2,"status":"failed","x":"a&b","skipped":null}"#
        )
        #expect(list.url == "http://h/v1/api/batch-calls/b/calls?page=2&status=failed&x=a%26b")
        #expect(list.json == nil)
    }

    @Test("renames fields on the published route and takes either name there")
    func published() {
        for request in [
            #"{"agentId":"a","toNumber":"+12025550164","callbackUrl":"u"}"#,
            #"{"call_agent_id":"a","to":"+12025550164","callback_url":"u"}"#,
        ] {
            let built = build(OperationTable.callsSend, request, style: .published)
            #expect(built.url == "http://h/v1/api/call")
            #expect(
                built.json
                    == #"{"call_agent_id":"a","to":"+12025550164","callback_url":"u"}"#
            )
        }
        let twice = build(
            OperationTable.callsSend,
            #"{"agentId":"a","call_agent_id":"a","to":"+12025550164"}"#,
            style: .published
        )
        #expect(field(twice) == "agentId")
    }

    @Test(
        "cannot leave its path",
        arguments: ["../x", "a/b", "a?b", "a#b", "%2e%2e", "a\\\\b", "é", "a\\u0000b"]
    )
    func pathsStay(_ id: String) {
        let built = build(OperationTable.agentsGet, #"{"agentId":"\#(id)"}"#)
        let tail = built.url.dropFirst("http://h/api/v1/agents/".count)
        #expect(built.url.hasPrefix("http://h/api/v1/agents/"))
        #expect(!tail.contains { "/?#\\".contains($0) } && !tail.isEmpty)
    }

    @Test("refuses an id that would name another path", arguments: ["", ".", "..", "\\u002e."])
    func refusesDotSegments(_ id: String) {
        for validation in [Validation.strict, .on, .off] {
            let request = #"{"agentId":"\#(id)"}"#
            let built = build(OperationTable.agentsGet, request, validation: validation)
            #expect(field(built) == "agentId")
        }
    }

    @Test("names the field that is missing, mistyped or given twice")
    func namesFields() {
        let send = OperationTable.callsSend
        #expect(field(build(send, "{}")) == "agentId")
        #expect(field(build(send, #"{"agentId":null,"toNumber":"+12025550164"}"#)) == "agentId")
        #expect(field(build(send, #"{"agentId":"a"}"#)) == "toNumber")
        #expect(field(build(send, #"{"agentId":1}"#)) == "agentId")
        #expect(field(build(send, #"{"agentId":"a","agentId":"b"}"#)) == "agentId")
        #expect(field(build(OperationTable.agentsList, #"{"page":1.5}"#)) == "page")
        #expect(build(OperationTable.agentsList, #"{"page":2.0}"#).failure == nil)
        let create = #"{"name":"n","llmModel":"m","ttsModel":{"provider":"p"}}"#
        #expect(field(build(OperationTable.agentsCreate, create)) == "ttsModel.voiceId")
    }

    @Test("reports ill-formed JSON before any mistake in a field")
    func reportsSyntaxFirst() {
        let built = build(OperationTable.callsSend, #"{"agentId":1,"toNumber":}"#)
        #expect(built.failure?.offset == 24)
        #expect(built.failure?.field == nil)
    }

    @Test(
        "knows E.164 numbers",
        arguments: [
            ("+12025550164", true), ("+1234567", true), ("+123456789012345", true),
            ("+123456", false), ("+1234567890123456", false), ("+02025550164", false),
            ("12025550164", false), ("+1 202 555 0164", false), ("+1202555016x", false),
            ("+", false),
            ("", false), ("tel:+12025550164", false), ("+١٢٣٤٥٦٧٨", false),
        ]
    )
    func phoneNumbers(_ number: String, _ isValid: Bool) {
        let request = #"{"agentId":"a","toNumber":"\#(number)"}"#
        #expect((build(OperationTable.callsSend, request).failure == nil) == isValid)
        #expect(build(OperationTable.callsSend, request, validation: .off).failure == nil)
    }

    @Test("sends exactly one CSV")
    func uploads() {
        let start = OperationTable.batchCallsStart
        #expect(field(build(start, #"{"agentId":"a"}"#)) == "file")
        #expect(field(build(start, #"{"agentId":"a","csv":"x","file":"/x"}"#)) == "file")
        #expect(field(build(start, #"{"agentId":"a","file":"/no/such/file.csv"}"#)) == "file")
        #expect(
            field(build(start, #"{"agentId":"a","csv":"x","fileName":"a\r\nb"}"#)) == "fileName"
        )
        let config = #"{"agentId":"a","csv":"x","smartCallbackConfig":"not JSON"}"#
        #expect(field(build(start, config)) == "smartCallbackConfig")
        let good = build(
            start,
            #"""
            {"csv":"phone_number\n+12025550164","agentId":"a",\#
            "smartCallbackConfig":{"enabled":true}}
            """#
        )
        #expect(good.parts == ["agentId", "smartCallbackConfig", "file"])
    }
}
