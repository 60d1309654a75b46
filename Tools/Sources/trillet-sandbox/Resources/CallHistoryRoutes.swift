import GRDB

/// What became of calls: the service's call history, at its address and at the older one.
struct CallHistoryRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        ["/v2/api/call-history", "/v1/api/call-history"].flatMap { path in
            [
                Route(.get, path, "calls.history", list),
                Route(.get, path + "/{id}", "calls.get", get),
            ]
        }
    }

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange, defaultLimit: 10)
        let time = clock.now
        let filter = try CallHistoryFilter(exchange, at: time)
        let origin = exchange.origin
        let calls = try await store.read { database in
            var documents = CallDocuments(at: time, origin: origin, database)
            return try filter.calls(paging.slice, database).map {
                JSON.object(try documents.summary($0))
            }
        }
        return Answer(json: .array(calls))
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        let origin = exchange.origin
        let (record, call) = try await store.read { database in
            let call = try CallRecord.inHistory(id: id, workspace: workspace, database)
            var documents = CallDocuments(at: time, origin: origin, database)
            return (call, try documents.whole(call))
        }
        if id != record.recordId {
            exchange.context.logger.warning(
                "The service documents the _id of a record here, not \(id); the sandbox takes both"
            )
        }
        return Answer(call)
    }
}

extension CallRecord {
    /// The call that a record's id names; the call's own id and its room name are taken too.
    ///
    /// - Throws: ``Failure`` 404 when the workspace has no such call.
    static func inHistory(id: String, workspace: String, _ database: Database) throws -> CallRecord
    {
        let call =
            try find(recordId: id, workspace: workspace, database)
            ?? find(id: id, workspace: workspace, database)
            ?? find(roomName: id, workspace: workspace, database)
        guard let call else { throw Failure.notFound("Call", id: id) }
        return call
    }
}

extension Exchange {
    /// The server as the client has addressed it.
    var origin: String { "http://\(request.host)" }
}
