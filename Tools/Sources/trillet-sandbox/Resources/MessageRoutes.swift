/// Agents that write, and the flows that say what and on which channel.
struct MessageRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let agents = "/v1/api/omni-flow-agents"
        let flows = "/v1/api/message-flows"
        return [
            Route(.post, agents, "message_agents.create", agentRoutes.create),
            Route(.get, agents, "message_agents.list", agentRoutes.list),
            Route(.get, agents + "/{id}", "message_agents.get", agentRoutes.get),
            Route(.put, agents + "/{id}", "message_agents.update", agentRoutes.update),
            Route(.post, flows, "message_flows.create", flowRoutes.create),
            Route(.get, flows, "message_flows.list", flowRoutes.list),
        ]
    }

    private static let agent = FieldRules(rules: [
        .required("name", FieldChecks.nonEmptyText),
        .optional("llmModel", "gpt-4o-mini", FieldChecks.nonEmptyText),
        .optional("settings", [:], FieldChecks.object),
    ])

    private static let flow = FieldRules(rules: [
        .optional("name", "Message flow", FieldChecks.nonEmptyText),
        .optional(
            "direction",
            "outbound",
            FieldChecks.oneOf("inbound", "outbound", "bidirectional")
        ),
        .nullable("agent", nil, FieldChecks.text),
        .optional("initiationMessage", "", FieldChecks.text),
        .optional("prompt", "", FieldChecks.text),
        .optional("autopilot", false, FieldChecks.flag),
        .optional("messageChannel", "SMS", FieldChecks.oneOf("SMS", "Email")),
        .optional("settings", [:], FieldChecks.object),
    ])

    private var agentRoutes: ResourceRoutes {
        ResourceRoutes(
            store: store,
            clock: clock,
            kind: .messageAgent,
            rules: MessageRoutes.agent,
            effect: "message_agent"
        )
    }

    private var flowRoutes: ResourceRoutes {
        ResourceRoutes(
            store: store,
            clock: clock,
            kind: .messageFlow,
            rules: MessageRoutes.flow,
            effect: "message_flow",
            check: { flow, workspace, database in
                guard let agent = flow["agent"]?.stringValue else { return }
                let known = try ResourceRecord.all(.messageAgent, workspace: workspace, database)
                guard known.contains(where: { $0.id == agent }) else {
                    throw Failure.configuration("There is no message agent \(agent)")
                }
            }
        )
    }
}
