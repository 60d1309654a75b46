import GRDB
import Hummingbird

/// Sending one call, in both route styles.
struct CallRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let seed: SimulationSeed
    /// `nil` when calls over the limit are accepted.
    let strictConcurrency: StrictConcurrency?
    let webhooks: WebhookSettings
    let preCall: PreCall

    var routes: [Route] {
        [
            Route(.post, "/api/v1/calls/call", "calls.send") {
                try await send($0, style: .overview)
            },
            Route(.post, "/v1/api/call", "calls.send") {
                try await send($0, style: .published)
            },
        ]
    }

    private struct Order: Sendable {
        let agentId: String
        let toNumber: String
        var variables: JSONObject
        let metadata: JSON?
        let callbackUrl: String?
    }

    private struct Placed: Sendable {
        let setup: OutboundSetup
        /// `nil` while the variables of the call are not known yet.
        let call: CallRecord?
    }

    private func send(_ exchange: Exchange, style: RouteStyle) async throws -> Answer {
        let body = try await exchange.jsonObject()
        var order = try style == .overview ? overviewOrder(body) : publishedOrder(body)
        do {
            var placed = try await place(order, exchange, mustAsk: true)
            if placed.call == nil {
                // docs/decisions.md, pre-call-outside
                let variables = await preCall.variables(for: order.toNumber, placed.setup, exchange)
                for member in variables.members { order.variables[member.key] = member.value }
                placed = try await place(order, exchange, mustAsk: false)
            }
            let setup = placed.setup
            guard let call = placed.call else { throw CallRoutes.unknownError }
            exchange.noteEffect("call.placed", call.id)
            return style == .overview ? overviewAnswer(setup, call) : publishedAnswer(call)
        } catch let failure as Failure {
            throw failure
        } catch {
            exchange.context.logger.error("A call could not be stored: \(error)")
            throw CallRoutes.unknownError
        }
    }

    private static let unknownError = Failure(
        status: .internalServerError,
        title: "Failed to initiate call",
        detail: "The sandbox's database refused the call",
        code: "UNKNOWN_ERROR"
    )

    /// - Parameter mustAsk: whether the call waits for its variables, if somebody is to be asked.
    private func place(_ order: Order, _ exchange: Exchange, mustAsk: Bool) async throws -> Placed {
        let workspace = exchange.workspace
        let time = clock.now
        return try await store.write { database in
            let setup = try OutboundSetup(
                agentId: order.agentId,
                workspace: workspace,
                database
            )
            if MagicNumber.refusal(of: order.toNumber) == .insufficientCredits {
                throw CallRoutes.insufficientCredits
            }
            if mustAsk, setup.script.preCall != nil { return Placed(setup: setup, call: nil) }
            try setup.script.check(variables: order.variables.spokenTexts)
            try strictConcurrency?.check(workspace: workspace, database)
            return Placed(setup: setup, call: try place(order, setup, at: time, database))
        }
    }

    private func overviewOrder(_ body: JSONObject) throws -> Order {
        try order(
            body,
            agent: "agentId",
            number: "toNumber",
            variables: "dynamicVariables",
            callback: "callbackUrl"
        )
    }

    private func publishedOrder(_ body: JSONObject) throws -> Order {
        try order(
            body,
            agent: "call_agent_id",
            number: "to",
            variables: "dynamic_variables",
            callback: "callback_url"
        )
    }

    private func order(
        _ body: JSONObject,
        agent: String,
        number: String,
        variables: String,
        callback: String
    ) throws -> Order {
        let fields = try FieldRules(rules: [
            .required(agent, FieldChecks.nonEmptyText),
            .required(number, FieldChecks.nonEmptyText),
            .optional(variables, [:], FieldChecks.object),
            .optional("metadata", FieldChecks.object),
            .optional(callback, FieldChecks.text),
        ]).created(from: body)
        let toNumber = fields[number]?.stringValue ?? ""
        guard TelephoneNumber.isValid(toNumber) else {
            throw Failure.invalid(
                "\(number) must be a phone number in E.164 form such as +12025550164, not \"\(toNumber)\"",
                code: "invalid_number"
            )
        }
        guard MagicNumber.refusal(of: toNumber) != .invalidNumber else {
            throw Failure(
                status: .badRequest,
                title: "Invalid number",
                detail: "The number \(toNumber) cannot be called",
                code: "invalid_number",
                shape: .nested
            )
        }
        return Order(
            agentId: fields[agent]?.stringValue ?? "",
            toNumber: toNumber,
            variables: fields[variables]?.objectValue ?? JSONObject(),
            metadata: fields["metadata"],
            callbackUrl: fields[callback]?.stringValue
        )
    }

    static let insufficientCredits = Failure(
        status: .init(code: 402, reasonPhrase: "Payment Required"),
        title: "Insufficient credits",
        detail: "The account has not enough credits for this call",
        code: "insufficient_credits",
        shape: .nested
    )

    private func place(_ order: Order, _ setup: OutboundSetup, at time: Int64, _ database: Database)
        throws -> CallRecord
    {
        let index = UInt64(bitPattern: try Setting.nextCallIndex(database))
        let seed = self.seed.value
        var generator = SeededGenerator(key: [seed, index])
        let script = setup.script
        let settled = script.settled(
            to: order.toNumber,
            at: time,
            variables: order.variables.spokenTexts,
            caller: try CallerRecord.caller(at: order.toNumber, database),
            generator: &generator
        )
        let course = settled.course
        let endsAt = time + course.duration * 1_000
        var call = CallRecord(
            id: Identifier.call(seed: seed, number: index),
            workspaceId: setup.agent.workspaceId,
            agentId: order.agentId,
            flowId: script.flowId,
            batchSequence: nil,
            fromNumber: script.fromNumber,
            toNumber: order.toNumber,
            isRecorded: script.isRecorded,
            createdAt: time,
            ringingAt: course.ringingAfter.map { time + $0 } ?? endsAt,
            talkingAt: course.talkingAfter.map { time + $0 },
            endsAt: endsAt,
            error: course.error,
            transcript: settled.transcript,
            variables: JSON.object(order.variables).text,
            metadata: order.metadata?.text,
            callbackUrl: order.callbackUrl,
            conversation: settled.conversation
        )
        try call.insert(database)
        call.sequence = database.lastInsertedRowID
        try CallEvents(call, webhooks).record(for: [call.callbackUrl, script.webhook], database)
        return call
    }

    private func overviewAnswer(_ setup: OutboundSetup, _ call: CallRecord) -> Answer {
        Answer([
            "status": "success", "callId": .string(call.id),
            "roomName": .string(call.roomName), "fromNumber": .string(call.fromNumber),
            "toNumber": .string(call.toNumber),
            "agent": CallRoutes.agentEntry(id: setup.agent.id, setup.fields),
        ])
    }

    /// The agent of a call as its answer shows it.
    static func agentEntry(id: String, _ fields: JSONObject) -> JSON {
        let voice = fields["ttsModel"]?.objectValue
        return [
            "id": .string(id), "name": fields["name"] ?? .null,
            "model": fields["llmModel"] ?? .null,
            "voice": [
                "provider": voice?["provider"] ?? .null, "voiceId": voice?["voiceId"] ?? .null,
            ],
        ]
    }

    private func publishedAnswer(_ call: CallRecord) -> Answer {
        Answer([
            "status": "success", "call_id": .string(call.id),
            "message": "Call initiated successfully",
        ])
    }
}
