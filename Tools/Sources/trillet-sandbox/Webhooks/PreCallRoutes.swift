import Hummingbird

/// The test of a pre-call webhook, which is a button on the service's dashboard.
struct PreCallRoutes: Sendable {
    let preCall: PreCall

    private static let number = "+12025550164"

    var routes: [ControlRoute] {
        [ControlRoute(.post, "/sandbox/pre-call", test)]
    }

    @Sendable private func test(_ exchange: ControlExchange) async throws -> Response {
        let order = try await exchange.jsonObject()
        guard let url = order["url"]?.stringValue else {
            throw Failure.control("url is required: the webhook to test")
        }
        let number = order["phoneNumber"]?.stringValue ?? PreCallRoutes.number
        let reply = await preCall.ask(
            url,
            number: number,
            body: ["phone_number": .string(number), "isTest": true]
        )
        return Answer([
            "status": reply.status.map { .number($0) } ?? .null,
            "variables": reply.variables.map(JSON.object) ?? .null,
            "error": reply.error.map(JSON.string) ?? .null,
            "milliseconds": .number(reply.milliseconds),
        ]).response
    }
}
