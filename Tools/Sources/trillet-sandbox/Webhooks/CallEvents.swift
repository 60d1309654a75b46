import GRDB

/// What webhooks are told of one call: that it was dialled, and how it ended.
struct CallEvents {
    private let call: CallRecord
    private let jobId: String?
    private let settings: WebhookSettings

    /// - Parameter job: the job of the batch that the call is made for.
    init(_ call: CallRecord, job: JobRecord? = nil, _ settings: WebhookSettings) {
        self.call = call
        self.settings = settings
        jobId = job?.id
    }

    /// Stores a delivery of every event for each of `urls` and of the account's webhooks, in the
    /// transaction that stores the call. A call's course is settled when it is dialled, so both
    /// events are known; each becomes due at its own moment.
    func record(for urls: [String?], _ database: Database) throws {
        let receivers = try WebhookReceiver.all(
            own: urls,
            workspace: call.workspaceId,
            settings,
            database
        )
        guard !receivers.isEmpty else { return }
        for event in [try started(), try ended()] {
            try event.record(
                for: receivers,
                callId: call.id,
                workspace: call.workspaceId,
                settings,
                database
            )
        }
    }

    private func started() throws -> WebhookEvent {
        WebhookEvent(
            name: "call.started",
            time: call.createdAt,
            data: try data(status: "started"),
            native: { try native(status: "started") }
        )
    }

    private func ended() throws -> WebhookEvent {
        let status = call.error == nil ? "completed" : "failed"
        var data = try data(status: status)
        data["duration"] = .number(call.duration)
        data["error"] = call.error.map(JSON.string)
        return WebhookEvent(
            name: "call.\(status)",
            time: call.endsAt,
            data: data,
            native: { try native(status: status) }
        )
    }

    private func data(status: String) throws -> JSONObject {
        var data: JSONObject = [
            "callId": .string(call.id), "agentId": .string(call.agentId),
            "status": .string(status),
            "fromNumber": .string(call.fromNumber), "toNumber": .string(call.toNumber),
        ]
        if let batch = call.batchSequence {
            data["batchId"] = .string(BatchRecord.identifier(sequence: batch))
            data["jobId"] = jobId.map(JSON.string)
        }
        // A batch call's metadata is its CSV row, as in the batch's own answers.
        let metadata = call.batchSequence == nil ? call.metadata : call.variables
        data["metadata"] = try metadata.map { try JSON(parsing: $0) } ?? [:]
        return data
    }

    private func native(status: String) throws -> JSON {
        var metadata = try data(status: status)
        metadata["fromNumber"] = nil
        metadata["toNumber"] = nil
        metadata["callFlowId"] = .string(call.flowId)
        metadata["direction"] = "outbound"
        metadata["startTime"] = .number(Double(call.createdAt) / 1_000)
        var body: JSONObject = [
            "call_metadata": .null,
            "from": .string(call.fromNumber), "to": .string(call.toNumber),
        ]
        if status != "started" {
            metadata["endTime"] = .number(Double(call.endsAt) / 1_000)
            metadata["duration"] = .number(call.duration)
            metadata["error"] = call.error.map(JSON.string)
            body["conversation_data"] = [
                "gathered_information": try JSON(parsing: call.variables),
                "answered_by_voicemail": .bool(call.isAnsweredByVoicemail),
            ]
            body["transcript"] = transcript
            body["analytics"] = ["tool_calls": .array(toolCalls)]
        }
        body["call_metadata"] = .object(metadata)
        return .object(body)
    }

    private var transcript: JSON {
        let address = "\(settings.origin.text)/v2/api/recordings/\(call.recordId)"
        return [
            "summary": .string(call.summary),
            "recordingUrl": call.hasRecording(at: call.endsAt) ? .string(address) : .null,
            "messages": .array(call.utterances(at: call.endsAt)),
        ]
    }

    /// Every flow has the tool that ends a call; no other is used, because no agent really thinks.
    private var toolCalls: [JSON] {
        guard call.error == nil else { return [] }
        return [["name": "end_call", "arguments": "{}", "output": "The call has ended"]]
    }
}
