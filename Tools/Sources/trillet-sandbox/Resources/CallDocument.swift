import GRDB

/// Writes calls as the history shows them. What is not known before the end of a call, such as its
/// duration, is absent until then.
struct CallDocuments {
    let time: Int64
    /// The server as the client has addressed it.
    let origin: String
    private let database: Database
    private var names: [String: JSON] = [:]

    init(at time: Int64, origin: String, _ database: Database) {
        self.time = time
        self.origin = origin
        self.database = database
    }

    /// The call in a list.
    mutating func summary(_ call: CallRecord) throws -> JSONObject {
        var entry = try common(call)
        entry["cost"] = .number(call.cost(at: time))
        return entry
    }

    /// The call with everything that is known of it.
    mutating func whole(_ call: CallRecord) throws -> JSONObject {
        var entry = try common(call)
        entry["cost"] = ["customer_charge": .number(call.cost(at: time))]
        entry["workspaceId"] = .string(call.workspaceId)
        entry["agentId"] = .string(call.agentId)
        entry["callFlowId"] = .string(call.flowId)
        entry["roomName"] = .string(call.roomName)
        entry["startTime"] = CallDocuments.seconds(call.createdAt)
        if time >= call.endsAt { entry["endTime"] = CallDocuments.seconds(call.endsAt) }
        entry["metadata"] = try call.metadata.map { try JSON(parsing: $0) } ?? [:]
        entry["functionCalls"] = []
        entry["createdAt"] = .string(Timestamp.text(call.createdAt))
        entry["updatedAt"] = .string(Timestamp.text(call.lastChange(by: time)))
        return entry
    }

    mutating func flowName(_ call: CallRecord) throws -> JSON {
        if let known = names[call.flowId] { return known }
        let flow = try FlowRecord.find(id: call.flowId, workspace: call.workspaceId, database)
        return try keep(flow?.fields()["name"], of: call.flowId)
    }

    mutating func agentName(_ call: CallRecord) throws -> JSON {
        if let known = names[call.agentId] { return known }
        let agent = try AgentRecord.find(id: call.agentId, workspace: call.workspaceId, database)
        return try keep(agent?.fields()["name"], of: call.agentId)
    }

    func recordingUrl(_ call: CallRecord) -> String? {
        call.hasRecording(at: time) ? "\(origin)/v2/api/recordings/\(call.recordId)" : nil
    }

    static func analysis(_ call: CallRecord) -> JSONObject {
        ["answered_by_voicemail": .bool(call.isAnsweredByVoicemail)]
    }

    private mutating func common(_ call: CallRecord) throws -> JSONObject {
        let hasEnded = time >= call.endsAt
        var entry: JSONObject = [
            "_id": .string(call.recordId), "timestamp": CallDocuments.seconds(call.createdAt),
            "callId": .string(call.id), "fromPhoneNumber": .string(call.fromNumber),
            "toPhoneNumber": .string(call.toNumber),
            "direction": .string(call.isWeb ? "inbound" : "outbound"),
        ]
        if hasEnded { entry["duration"] = .number(call.duration) }
        entry["agent"] = .string(call.agentId)
        entry["status"] = .string(CallStatus(of: call, at: time).rawValue)
        entry["callFlowName"] = try flowName(call)
        entry["recordingUrl"] = recordingUrl(call).map(JSON.string)
        if hasEnded {
            entry["summary"] = .string(call.summary)
            entry["analyzedData"] = .object(CallDocuments.analysis(call))
        }
        entry["variables"] = try JSON(parsing: call.variables)
        entry["transcript"] = .array(call.utterances(at: time))
        return entry
    }

    /// A page of the history has the same few agents and flows again and again. What was deleted has
    /// no name any more.
    private mutating func keep(_ name: JSON?, of id: String) -> JSON {
        let name = name ?? ""
        names[id] = name
        return name
    }

    private static func seconds(_ milliseconds: Int64) -> JSON {
        .number(Double(milliseconds) / 1_000)
    }
}

extension CallRecord {
    /// The latest moment up to `time` when the call changed its state.
    fileprivate func lastChange(by time: Int64) -> Int64 {
        [ringingAt, talkingAt ?? createdAt, endsAt].filter { $0 <= time }.max() ?? createdAt
    }
}
