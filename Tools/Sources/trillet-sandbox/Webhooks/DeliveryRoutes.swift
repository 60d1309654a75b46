import GRDB
import Hummingbird

/// What became of webhooks.
struct DeliveryRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let settings: WebhookSettings
    let feed: EventFeed

    private static let largestLimit = 1_000

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, "/sandbox/deliveries", list),
            ControlRoute(.get, "/sandbox/deliveries/{id}") { exchange in
                let id = exchange.parameter("id")
                let found = try await store.read { try DeliveryRoutes.find(id, $0) }
                return Answer(entry(found)).response
            },
            ControlRoute(.post, "/sandbox/deliveries/{id}/resend", resend),
        ]
    }

    /// Query: `after` (a sequence), `limit` (100, at most 1,000), `callId`, `event`, `status`,
    /// `workspaceId`, `search`, and `offset`, how many of the latest to leave out.
    /// Without `after` the latest ones are answered; the oldest come first in any case.
    @Sendable private func list(_ exchange: ControlExchange) async throws -> Response {
        let after = try exchange.number("after", atLeast: 0) ?? -1
        let limit = try exchange.number("limit", atLeast: 1) ?? 100
        let status = try exchange.query("status").map { text in
            guard let status = DeliveryStatus(rawValue: text) else {
                throw Failure.control(
                    "status must be pending, delivered, failed or lost, not \"\(text)\""
                )
            }
            return status.rawValue
        }
        let arguments: StatementArguments = [
            "after": after, "call": exchange.query("callId"), "event": exchange.query("event"),
            "status": status, "workspace": exchange.query("workspaceId"),
            "search": exchange.text("search"),
        ]
        let window: StatementArguments = [
            "limit": min(limit, DeliveryRoutes.largestLimit),
            "offset": try exchange.number("offset", atLeast: 0) ?? 0,
        ]
        let (deliveries, matching, counts) = try await store.read { database in
            let deliveries = try DeliveryRecord.fetchAll(
                database,
                sql: """
                    SELECT * FROM (
                        SELECT * FROM delivery WHERE \(DeliveryRoutes.wanted)
                        ORDER BY sequence \(after < 0 ? "DESC" : "ASC") LIMIT :limit OFFSET :offset
                    ) ORDER BY sequence
                    """,
                arguments: arguments + window
            )
            let matching = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM delivery WHERE \(DeliveryRoutes.wanted)",
                arguments: arguments
            )
            let counts = try Row.fetchAll(
                database,
                sql: "SELECT status, count(*) AS number FROM delivery GROUP BY status"
            ).map { ($0["status"] as String, $0["number"] as Int) }
            return (deliveries, matching ?? 0, counts)
        }
        var totals = JSONObject()
        for status in DeliveryStatus.allCases {
            totals[status.rawValue] = .number(counts.first { $0.0 == status.rawValue }?.1 ?? 0)
        }
        return Answer([
            "entries": .array(deliveries.map { .object(entry($0)) }),
            "matching": .number(matching), "totals": .object(totals),
        ]).response
    }

    private static let wanted = """
        sequence > :after AND (:call IS NULL OR callId = :call)
            AND (:event IS NULL OR event = :event) AND (:status IS NULL OR status = :status)
            AND (:workspace IS NULL OR workspaceId = :workspace)
            AND (:search IS NULL OR instr(id || ' ' || callId || ' ' || url, :search) > 0)
        """

    /// Sends one again, with the same id and body, whatever has become of it.
    @Sendable private func resend(_ exchange: ControlExchange) async throws -> Response {
        _ = try await exchange.jsonObject()
        let id = exchange.parameter("id")
        let now = clock.now
        let delivery = try await store.write { database in
            var delivery = try DeliveryRoutes.find(id, database)
            guard delivery.createdAt <= now else {
                throw Failure.control(
                    "\(delivery.event) of the delivery \(id) has not happened yet; "
                        + "it is sent at \(Timestamp.text(delivery.createdAt))"
                )
            }
            delivery.resend(at: now)
            try delivery.saveProgress(database)
            return delivery
        }
        feed.publish(.delivery, ["id": .string(id), "status": .string(delivery.status.rawValue)])
        return Answer(entry(delivery)).response
    }

    private static func find(_ id: String, _ database: Database) throws -> DeliveryRecord {
        let found = try DeliveryRecord.filter(Column("id") == id).fetchOne(database)
        guard let found else {
            throw Failure.missing("Delivery", id: id)
        }
        return found
    }

    private func entry(_ delivery: DeliveryRecord) -> JSONObject {
        let isPending = delivery.status == .pending
        return [
            "sequence": .number(delivery.sequence ?? 0), "id": .string(delivery.id),
            "event": .string(delivery.event),
            "callId": delivery.callId.isEmpty ? .null : .string(delivery.callId),
            "workspaceId": .string(delivery.workspaceId), "url": .string(delivery.url),
            "status": .string(delivery.status.rawValue), "at": .number(delivery.createdAt),
            "dueAt": isPending ? .number(delivery.dueAt) : .null,
            "attempts": .array(delivery.attemptsMade),
            "fault": delivery.fault.flatMap { $0.isEmpty ? nil : .string($0) } ?? .null,
            "body": .string(delivery.body),
            "signature": .string(
                WebhookSignature.of(
                    delivery.body,
                    secret: delivery.secret ?? settings.secret,
                    delivery.proof ?? settings.proof
                )
            ),
        ]
    }
}
