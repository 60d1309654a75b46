import GRDB

/// Calls of browsers: no phone rings, and the browser ends them.
struct WebCallRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let seed: SimulationSeed

    var routes: [Route] {
        let prefix = "/v1/api/calls/web/"
        return [
            Route(.post, prefix + "connect", "web_calls.connect", connect),
            Route(.post, prefix + "disconnect", "web_calls.disconnect", disconnect),
            // The older addresses, which programs still use.
            Route(.post, "/v1/api/web-call", "web_calls.connect", connect),
            Route(.post, "/v1/api/web-call/public", "web_calls.connect", connect),
        ]
    }

    private static func order(agent: String) -> FieldRules {
        FieldRules(rules: [
            .required(agent, FieldChecks.nonEmptyText),
            .optional("mode", "voice", FieldChecks.text),
            .optional("dynamic_variables", [:], FieldChecks.object),
            .optional("callback_url", FieldChecks.text),
        ])
    }

    @Sendable private func connect(_ exchange: Exchange) async throws -> Answer {
        let body = try await exchange.jsonObject()
        let name =
            body["agentId"] == nil && body["call_agent_id"] != nil ? "call_agent_id" : "agentId"
        let order = try WebCallRoutes.order(agent: name).created(from: body)
        let agentId = order[name]?.stringValue ?? ""
        let variables = order["dynamic_variables"]?.objectValue ?? JSONObject()
        let callback = order["callback_url"]?.stringValue
        let workspace = exchange.workspace
        let time = clock.now
        let seed = self.seed.value
        let (call, agent) = try await store.write { database in
            let agent = try AgentRecord.existing(id: agentId, workspace: workspace, database)
            let (setup, flow) = try OutboundSetup.web(agent: agent, database)
            let index = UInt64(try Setting.nextCallIndex(database))
            let call = WebCallRoutes.record(
                id: Identifier.call(seed: seed, number: index),
                setup,
                agent,
                flow: flow,
                variables: variables,
                callback: callback,
                at: time
            )
            try call.insert(database)
            return (call, try agent.fields())
        }
        exchange.noteEffect("web_call.connected", call.id)
        return Answer([
            "status": "success", "callId": .string(call.id), "roomName": .string(call.roomName),
            "token": .string(Identifier.webCallToken()),
            "agent": CallRoutes.agentEntry(id: agentId, agent),
        ])
    }

    /// It is answered at once, and lasts as long as a call may unless the browser ends it.
    private static func record(
        id: String,
        _ script: CallScript,
        _ agent: AgentRecord,
        flow: FlowRecord,
        variables: JSONObject,
        callback: String?,
        at time: Int64
    ) -> CallRecord {
        let course = CallCourse(ringing: 0, talking: 0, end: CallScript.longestCall)
            .limited(to: script.maxCallDuration)
        return CallRecord(
            id: id,
            workspaceId: agent.workspaceId,
            agentId: agent.id,
            flowId: flow.id,
            batchSequence: nil,
            fromNumber: "",
            toNumber: "",
            isRecorded: script.isRecorded,
            createdAt: time,
            ringingAt: time,
            talkingAt: time,
            endsAt: time + course.duration * 1_000,
            error: nil,
            transcript: script.transcript(variables: variables.spokenTexts, course: course),
            variables: JSON.object(variables).text,
            metadata: nil,
            callbackUrl: callback,
            isWeb: true
        )
    }

    @Sendable private func disconnect(_ exchange: Exchange) async throws -> Answer {
        let rules = FieldRules(rules: [.required("roomName", FieldChecks.nonEmptyText)])
        let order = try rules.created(from: try await exchange.jsonObject())
        let room = order["roomName"]?.stringValue ?? ""
        let workspace = exchange.workspace
        let time = clock.now
        let call = try await store.write { database in
            let call = try CallRecord.find(roomName: room, workspace: workspace, database)
            guard let call, call.isWeb, time < call.endsAt else {
                throw Failure(
                    status: .notFound,
                    title: "Room not found",
                    detail: "No web call is under way in room \(room)",
                    id: room
                )
            }
            try database.execute(
                cached: "UPDATE call SET endsAt = ? WHERE id = ?",
                arguments: [time, call.id]
            )
            return call
        }
        exchange.noteEffect("web_call.disconnected", call.id)
        return Answer(["status": "success", "message": "Call disconnected successfully"])
    }
}
