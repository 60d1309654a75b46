import GRDB

/// What webhooks are told of one call: that it was dialled, and how it ended.
struct CallEvents {
    private let call: CallRecord
    private let jobId: String?

    /// - Parameter job: the job of the batch that the call is made for.
    init(_ call: CallRecord, job: JobRecord? = nil) {
        self.call = call
        jobId = job?.id
    }

    /// Stores a delivery of every event for each of `urls`, in the transaction that stores the call.
    /// A call's course is settled when it is dialled, so both events are known; each becomes due at
    /// its own moment.
    func record(for urls: [String?], _ database: Database) throws {
        var seen: Set<String> = []
        for url in urls.compactMap({ $0 }) where !url.isEmpty && seen.insert(url).inserted {
            try insert("call.started", at: call.createdAt, url, database)
            let ending = call.error == nil ? "call.completed" : "call.failed"
            try insert(ending, at: call.endsAt, url, database)
        }
    }

    private func insert(_ event: String, at time: Int64, _ url: String, _ database: Database) throws
    {
        try DeliveryRecord(
            id: Identifier.delivery(),
            workspaceId: call.workspaceId,
            callId: call.id,
            event: event,
            url: url,
            target: WebhookAddress.target(of: url),
            body: try body(event).text,
            createdAt: time,
            dueAt: time
        ).insert(database)
    }

    private func body(_ event: String) throws -> JSON {
        let hasEnded = event != "call.started"
        var data: JSONObject = [
            "callId": .string(call.id), "agentId": .string(call.agentId),
            "status": hasEnded ? (call.error == nil ? "completed" : "failed") : "started",
            "fromNumber": .string(call.fromNumber), "toNumber": .string(call.toNumber),
        ]
        if hasEnded {
            data["duration"] = .number(call.duration)
            data["error"] = call.error.map(JSON.string)
        }
        if let batch = call.batchSequence {
            data["batchId"] = .string(BatchRecord.identifier(sequence: batch))
            data["jobId"] = jobId.map(JSON.string)
        }
        // A batch call's metadata is its CSV row, as in the batch's own answers.
        let metadata = call.batchSequence == nil ? call.metadata : call.variables
        data["metadata"] = try metadata.map { try JSON(parsing: $0) } ?? [:]
        return ["event": .string(event), "data": .object(data)]
    }
}
