import GRDB
import Hummingbird

/// `GET /sandbox/batches`: the batches, one of them with the reasons why calls failed, its rows.
struct BatchListRoutes: Sendable {
    let store: Store

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, "/sandbox/batches", list),
            ControlRoute(.get, "/sandbox/batches/{id}", get),
            ControlRoute(.get, "/sandbox/batches/{id}/rows", rows),
        ]
    }

    @Sendable private func list(_ exchange: ControlExchange) async throws -> Response {
        let query = try PageQuery(exchange)
        var page = TablePage(query, of: "batch")
        if let state = try query.word("state", of: BatchStatus.allCases.map(\.rawValue)) {
            page.add("status = :state", "state", state)
        }
        if let agent = query.text("agentId") {
            page.add("agentId = :agent", "agent", agent)
        }
        if let search = query.search {
            let found = BatchRecord.sequence(ofIdentifier: search) ?? -1
            page.add("sequence = :found", "found", found)
        }
        return try await page.answer(store) { row, names, database in
            .object(try BatchRecord(row: row).listed(&names, database))
        }
    }

    @Sendable private func get(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let answer: JSONObject = try await store.read { database in
            var names = KnownNames(database)
            let batch = try BatchListRoutes.find(id, database)
            var json = try batch.listed(&names, database)
            json["workspaceId"] = .string(batch.workspaceId)
            json["columns"] = try JSON(parsing: batch.columns)
            json["fromNumber"] = .string(batch.script.fromNumber)
            json["flowId"] = .string(batch.script.flowId)
            json["reasons"] = .array(try batch.reasons(database))
            return json
        }
        return Answer.uncached(answer).response
    }

    @Sendable private func rows(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let query = try PageQuery(exchange)
        let state = try query.word("state", of: JobStatus.allCases.map(\.rawValue))
        let answer: JSONObject = try await store.read { database in
            var page = TablePage(query, of: "job", order: "number")
            let batch = try BatchListRoutes.find(id, database)
            page.add("batchSequence = :batch", "batch", batch.sequence)
            if let state { page.add("status = :state", "state", state) }
            return try page.json(database) { try JobRecord(row: $0).listed }
        }
        return Answer.uncached(answer).response
    }

    private static func find(_ id: String, _ database: Database) throws -> BatchRecord {
        let sequence = BatchRecord.sequence(ofIdentifier: id)
        guard let batch = try BatchRecord.filter(Column("sequence") == sequence).fetchOne(database)
        else { throw Failure.missing("Batch", id: id) }
        return batch
    }
}

extension BatchRecord {
    /// Why calls of the batch failed, the most frequent reason first.
    fileprivate func reasons(_ database: Database) throws -> [JSON] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT coalesce(error, '') AS reason, count(*) AS calls FROM job
                    WHERE batchSequence = ? AND status = 'failed' GROUP BY 1 ORDER BY 2 DESC, 1
                    """
            ),
            arguments: [sequence]
        ).map { ["reason": .string($0["reason"]), "calls": .number($0["calls"] as Int)] }
    }
}

extension JobRecord {
    fileprivate var listed: JSON {
        [
            "id": .string(id), "row": .number(row), "status": .string(status.rawValue),
            "toNumber": .string(phoneNumber), "attempts": .number(attempts),
            "callId": callId.map(JSON.string) ?? .null,
            "error": status == .failed ? error.map(JSON.string) ?? .null : .null,
            "startedAt": startedAt.map(JSON.number) ?? .null,
            "endedAt": endedAt.map(JSON.number) ?? .null,
        ]
    }
}
