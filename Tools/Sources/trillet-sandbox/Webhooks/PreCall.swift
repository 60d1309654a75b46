/// Asks somebody's server for the variables of a call before it is placed. The call waits, so the
/// answer must come soon; without one it goes on.
struct PreCall: Sendable {
    let settings: WebhookSettings
    private let transport = WebhookTransport()

    /// In real time: the caller of the API waits as well.
    private static let millisecondsToAnswer = 3_000

    init(settings: WebhookSettings) {
        self.settings = settings
    }

    /// What came of asking.
    struct Reply: Sendable {
        var status: Int?
        var variables: JSONObject?
        var error: String?
        var milliseconds: Int64 = 0
    }

    func variables(for number: String, _ setup: OutboundSetup, _ exchange: Exchange) async
        -> JSONObject
    {
        let reply = await ask(
            setup.script.preCall ?? "",
            number: number,
            body: PreCall.body(number, agent: setup.agent.id, flow: setup.script.flowId)
        )
        if let error = reply.error {
            exchange.warn("The pre-call webhook gave no variables: \(error)")
        }
        return reply.variables ?? JSONObject()
    }

    func ask(_ question: PreCallQuestion) async -> Reply {
        await ask(
            question.url,
            number: question.number,
            body: PreCall.body(question.number, agent: question.agentId, flow: question.flowId)
        )
    }

    private static func body(_ number: String, agent: String, flow: String) -> JSONObject {
        [
            "phone_number": .string(number), "agentId": .string(agent),
            "callFlowId": .string(flow),
        ]
    }

    func ask(_ url: String, number: String, body: JSONObject) async -> Reply {
        guard let address = WebhookAddress(url) else { return Reply(error: WebhookAddress.rule) }
        if let refusal = address.refusal(settings) { return Reply(error: refusal) }
        address.add("phone_number", number)
        let text = JSON.object(body).text
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "trillet-sandbox/\(SandboxVersion.text)"),
            WebhookSignature.header(text, secret: settings.secret, settings.proof),
        ]
        let transfer = WebhookTransfer(
            to: address,
            headers: headers,
            body: text,
            within: PreCall.millisecondsToAnswer,
            keepsAnswer: true
        )
        guard let transfer else { return Reply(error: "No memory for a request") }
        let start = ContinuousClock.now
        let outcome = await transport.perform(transfer)
        var reply = PreCall.reply(outcome, transfer.answer)
        reply.milliseconds = Int64(start.duration(to: .now) / .milliseconds(1))
        return reply
    }

    private static func reply(_ outcome: WebhookTransfer.Outcome, _ answer: [UInt8]) -> Reply {
        switch outcome {
        case .failed(let reason): return Reply(error: reason)
        case .answered(let status):
            guard (200..<300).contains(status) else {
                return Reply(status: status, error: "It answered \(status)")
            }
            let body = (try? JSONReader.value(of: answer))?.objectValue
            guard let variables = body?["variables"]?.objectValue else {
                let wanted = "It did not answer with an object that has the object \"variables\""
                return Reply(status: status, error: wanted)
            }
            return Reply(status: status, variables: variables)
        }
    }
}
