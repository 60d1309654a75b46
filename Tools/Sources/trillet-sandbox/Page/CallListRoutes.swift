import GRDB
import Hummingbird

/// `GET /sandbox/calls`: any part of the list of calls, however long it is.
struct CallListRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/sandbox/calls", list)]
    }

    @Sendable private func list(_ exchange: ControlExchange) async throws -> Response {
        let now = clock.now
        let query = try PageQuery(exchange)
        let filter = try CallListFilter(query, at: now)
        let answer: JSONObject = try await store.read { database in
            var names = KnownNames(database)
            let entries = try filter.sequences(query, database).compactMap {
                try ListedCall(sequence: $0, database)?.json(at: now, &names)
            }
            return [
                "entries": .array(entries), "total": .number(try filter.total(database)),
                "newer": .number(try filter.newer(database)),
                "last": .number(try ListedCall.last(database)), "now": .number(now),
            ]
        }
        return Answer.uncached(answer).response
    }
}

/// What a list shows of a call. Its transcript and variables, most of the row, are not read.
struct ListedCall {
    private let row: Row

    init?(sequence: Int64, _ database: Database) throws {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT sequence, id, agentId, flowId, batchSequence, fromNumber, toNumber, isWeb,
                        createdAt, ringingAt, talkingAt, endsAt, error
                    FROM call WHERE sequence = ?
                    """
            ),
            arguments: [sequence]
        )
        guard let row = try rows.next()?.copy() else { return nil }
        self.row = row
    }

    /// The sequence of the newest call of all workspaces.
    static func last(_ database: Database) throws -> Int64 {
        try Int64.fetchOne(database, cached: "SELECT max(sequence) FROM call") ?? 0
    }

    func json(at now: Int64, _ names: inout KnownNames) throws -> JSON {
        let times: (created: Int64, ringing: Int64, ends: Int64) = (row[8], row[9], row[11])
        let reason: String? = row[12]
        let batch: Int64? = row[4]
        let state = CallState(
            ringingAt: times.ringing,
            talkingAt: row[10],
            endsAt: times.ends,
            at: now
        )
        let hasEnded = state == .ended
        var json: JSONObject = [
            "sequence": .number(row[0] as Int64), "id": .string(row[1]),
            "state": .string(state.rawValue),
        ]
        json.add(try names.agent(row[2]))
        json["flowId"] = .string(row[3])
        json["batchId"] = batch.map { .string(BatchRecord.identifier(sequence: $0)) } ?? .null
        json["fromNumber"] = .string(row[5])
        json["toNumber"] = .string(row[6])
        json["isWeb"] = .bool(row[7])
        json["createdAt"] = .number(times.created)
        json["endedAt"] = hasEnded ? .number(times.ends) : .null
        json["outcome"] = hasEnded ? (reason == nil ? "successful" : "failed") : .null
        json["error"] = hasEnded ? reason.map(JSON.string) ?? .null : .null
        return .object(json)
    }
}
