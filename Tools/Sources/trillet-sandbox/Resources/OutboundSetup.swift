import GRDB

/// What an agent needs before it can call anybody: a phone number and an active flow.
struct OutboundSetup: Sendable {
    let agent: AgentRecord
    let fields: JSONObject
    let script: CallScript

    /// - Throws: ``Failure`` 404 for an unknown agent, 400 for one without a number or flow.
    init(agentId: String, workspace: String, _ database: Database) throws {
        let agent = try AgentRecord.existing(id: agentId, workspace: workspace, database)
        let pool = NumberPool(workspace: workspace, time: agent.updatedAt)
        guard let number = try pool.numbers(ofAgent: agentId, database).first else {
            throw Failure.configuration("Agent has no phone number configured")
        }
        let fields = try agent.fields()
        let flow = try OutboundSetup.flow(of: agent, fields, database)
        self.agent = agent
        self.fields = fields
        script = try OutboundSetup.script(flow, fields, from: number)
    }

    /// What an agent needs for a browser's call: an active flow of any direction, and no number.
    static func web(agent: AgentRecord, _ database: Database) throws -> (CallScript, FlowRecord) {
        let flows = try FlowRecord.active(
            ofAgent: agent.id,
            workspace: agent.workspaceId,
            database
        )
        guard let flow = flows.first else {
            throw Failure.configuration("Agent has no active flow configured")
        }
        return (try script(flow, agent.fields(), from: nil), flow)
    }

    /// The flow the agent is linked to when it is active and not for inbound calls alone, else the
    /// agent's newest such flow.
    private static func flow(of agent: AgentRecord, _ fields: JSONObject, _ database: Database)
        throws -> FlowRecord
    {
        let workspace = agent.workspaceId
        var flows = try FlowRecord.active(ofAgent: agent.id, workspace: workspace, database)
        if let pathway = fields["pathway"]?.stringValue,
            let linked = try FlowRecord.find(id: pathway, workspace: workspace, database),
            linked.isActive
        {
            flows.insert(linked, at: 0)
        }
        guard let newest = flows.first else {
            throw Failure.configuration("Agent has no active flow configured")
        }
        guard let flow = try flows.first(where: { try $0.fields()["direction"] != "inbound" })
        else {
            throw Failure.configuration("Flow \(newest.id) is for inbound calls only")
        }
        return flow
    }

    private static func script(
        _ flow: FlowRecord,
        _ agent: JSONObject,
        from number: PhoneNumberRecord?
    )
        throws -> CallScript
    {
        let own = try number?.settings()
        let fields = try flow.fields()
        let settings = fields["settings"]?.objectValue
        let limit = settings?["callSetting"]?.objectValue?["maxCallDuration"]?.doubleValue
        let hipaa = settings?["security"]?.objectValue?["hipaaCompliance"]?.boolValue
        return CallScript(
            flowId: flow.id,
            agentName: agent["name"]?.stringValue ?? "",
            fromNumber: number?.number ?? "",
            welcomeMessage: fields["welcomeMessage"]?.stringValue ?? "user_initiated",
            customWelcomeMessage: fields["customWelcomeMessage"]?.stringValue,
            prompt: fields["prompt"]?.stringValue ?? "",
            variables: variables(of: fields, agent),
            maxCallDuration: Int64(
                min(
                    limit ?? .infinity,
                    own?["maxCallDuration"]?.doubleValue ?? .infinity,
                    Double(CallScript.longestCall)
                )
            ),
            isRecorded: hipaa != true && own?["recordingEnabled"] != false,
            workingHours: WorkingHours(
                settings?["responseSettings"]?.objectValue?["workingHours"]?.objectValue
            ),
            webhook: (fields["agentWebhookUrl"]
                ?? settings?["webhooks"]?.objectValue?["agent"])?.stringValue,
            preCall: (own?["preCallWebhookUrl"] ?? fields["preCallWebhookUrl"])?.stringValue,
            systemPrompt: agent["systemPrompt"]?.stringValue,
            endCallOnSilence: settings?["callSetting"]?.objectValue?["endCallOnSilence"]?
                .doubleValue.map { Int64(min($0, Double(CallScript.longestCall))) }
        )
    }

    /// The flow's default collections, then the agent's own variables over them.
    private static func variables(of flow: JSONObject, _ agent: JSONObject) -> [String: String] {
        var variables: [String: String] = [:]
        for collection in flow["dynamicVariableCollections"]?.arrayValue ?? [] {
            guard let collection = collection.objectValue, collection["isDefault"] == true else {
                continue
            }
            for variable in collection["variables"]?.arrayValue ?? [] {
                guard let key = variable.objectValue?["key"]?.stringValue else { continue }
                variables[key] = variable.objectValue?["value"]?.spokenText
            }
        }
        return variables.merging(agent["variables"]?.objectValue?.spokenTexts ?? [:]) { $1 }
    }
}

extension JSON {
    /// The value as it is put into a prompt.
    var spokenText: String { stringValue ?? text }
}

extension JSONObject {
    var spokenTexts: [String: String] {
        var texts: [String: String] = [:]
        for key in keys { texts[key] = self[key]?.spokenText }
        return texts
    }
}
