import GRDB

/// Recordings of calls. All of them have the same tone, as long as the talk.
struct RecordingRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        [
            Route(.get, "/v2/api/recordings/{id}", "calls.recording", get),
            Route(
                .post,
                "/v2/api/recordings/start-recording",
                "calls.start_recording",
                start
            ),
        ]
    }

    /// No recording is longer, whatever the call: a quarter of a megabyte.
    private static let longest: Int64 = 60_000

    private static let order = FieldRules(rules: [
        .required("pathwayId", FieldChecks.nonEmptyText),
        .required("roomName", FieldChecks.nonEmptyText),
    ])

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        let call = try await store.read { database in
            try CallRecord.inHistory(id: id, workspace: workspace, database)
        }
        guard call.hasRecording(at: time) else {
            throw Failure(
                status: .notFound,
                title: "Recording not found",
                detail: time < call.endsAt
                    ? "Call \(call.id) has not ended" : "Call \(call.id) has no recording",
                id: id
            )
        }
        let length = min(call.talked(by: call.endsAt), RecordingRoutes.longest)
        return Answer(
            bytes: Tone.mp3(milliseconds: length),
            contentType: "audio/mp3",
            tag: "\"\(call.recordId)-\(length)\"",
            for: exchange.request
        )
    }

    @Sendable private func start(_ exchange: Exchange) async throws -> Answer {
        let order = try RecordingRoutes.order.created(from: try await exchange.jsonObject())
        let room = order["roomName"]?.stringValue ?? ""
        let flow = order["pathwayId"]?.stringValue ?? ""
        let workspace = exchange.workspace
        let time = clock.now
        let call = try await store.write { database in
            guard
                let call = try CallRecord.find(roomName: room, workspace: workspace, database),
                call.flowId == flow, time < call.endsAt
            else {
                throw Failure(
                    status: .notFound,
                    title: "Room not found",
                    detail: "No call of flow \(flow) is under way in room \(room)",
                    id: room
                )
            }
            try database.execute(
                cached: "UPDATE call SET isRecorded = TRUE WHERE id = ?",
                arguments: [call.id]
            )
            return call
        }
        exchange.noteEffect("recording.started", call.id)
        return Answer([
            "message": "Recording started", "result": ["egressId": .string(Identifier.egress())],
        ])
    }
}
