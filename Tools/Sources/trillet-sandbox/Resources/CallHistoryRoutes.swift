import GRDB

/// What became of calls: the service's call history, with the members that the sandbox can know.
struct CallHistoryRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        [
            Route(.get, "/v2/api/call-history", "call_history.list", list),
            Route(.get, "/v2/api/call-history/{id}", "call_history.get", get),
        ]
    }

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange, defaultLimit: 10)
        let time = clock.now
        var conditions = ["workspaceId = :workspace"]
        if let status = exchange.query("status") {
            guard let state = CallState(rawValue: status) else {
                let known = CallState.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.invalid("status must be one of \(known)")
            }
            conditions.append("(\(state.condition))")
        }
        conditions.append(
            """
            (:agent IS NULL OR agentId = :agent) AND (:flow IS NULL OR flowId = :flow)
            AND (:hasBatch = 0 OR batchSequence = :batch) AND (:now > 0)
            """
        )
        let batch = exchange.query("batchId")
        let arguments: StatementArguments = [
            "workspace": exchange.workspace, "agent": exchange.query("agentId"),
            "flow": exchange.query("pathwayId"), "hasBatch": batch == nil ? 0 : 1,
            "batch": batch.flatMap { BatchRecord.sequence(ofIdentifier: $0) }, "now": time,
            "limit": paging.slice.limit, "offset": paging.slice.offset,
        ]
        let sql = """
            SELECT * FROM call WHERE \(conditions.joined(separator: " AND "))
            ORDER BY sequence DESC LIMIT :limit OFFSET :offset
            """
        let calls = try await store.read { database in
            try CallRecord.fetchAll(database, sql: sql, arguments: arguments)
                .map { JSON.object(try $0.history(at: time)) }
        }
        return Answer(json: .array(calls))
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        let callId = CallRecord.identifier(of: id)
        let call = try await store.read { database in
            try CallRecord.find(id: callId, workspace: workspace, database)
        }
        guard let call, id == call.id || id == call.roomName else {
            throw Failure.notFound("Call", id: id)
        }
        return Answer(try call.history(at: time))
    }
}

extension CallRecord {
    /// The call as the history shows it. Times are Unix seconds; what has not happened yet is null.
    func history(at time: Int64) throws -> JSONObject {
        let state = state(at: time)
        let hasEnded = state == .ended
        var entry: JSONObject = [
            "_id": .string(id), "callId": .string(roomName), "workspaceId": .string(workspaceId),
            "agentId": .string(agentId), "pathwayId": .string(flowId),
            "batchId": batchSequence.map { .string(BatchRecord.identifier(sequence: $0)) } ?? .null,
            "direction": "outbound", "callType": "sip", "status": .string(state.rawValue),
            "fromNumber": .string(fromNumber), "toNumber": .string(toNumber),
            "startTime": .number(Double(createdAt) / 1_000),
            "endTime": hasEnded ? .number(Double(endsAt) / 1_000) : .null,
            "duration": hasEnded ? .number(duration) : .null,
            "recorded": .bool(isRecorded && talkingAt.map { time >= $0 } ?? false),
            "timeline": timeline(at: time),
        ]
        if hasEnded {
            entry["outcome"] = error == nil ? "successful" : "failed"
            entry["error"] = error.map(JSON.string)
            entry["transcript"] = .string(transcript)
        }
        entry["dynamicVariables"] = try JSON(parsing: variables)
        entry["metadata"] = try metadata.map { try JSON(parsing: $0) }
        entry["callbackUrl"] = callbackUrl.map(JSON.string)
        return entry
    }
}
