import GRDB

/// Phone numbers that come and go: what can be bought, buying it, giving it back, and numbers of
/// one's own carrier account.
struct NumberMarketRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let prefix = "/v1/api/twilio/"
        return [
            Route(.get, prefix + "available-numbers", "numbers.available", available),
            Route(.post, prefix + "purchase-number", "numbers.purchase", purchase),
            Route(.post, prefix + "release-number", "numbers.release", release),
            Route(.post, prefix + "register-external-number", "numbers.register", register),
        ]
    }

    /// As seen of the service, lists show a bought number late.
    private static let listedAfter: Int64 = 3_000

    private static let order = FieldRules(rules: [
        .required("country", FieldChecks.nonEmptyText),
        .required("type", FieldChecks.oneOf("local", "tollFree", "mobile")),
        .required("phoneNumber", FieldChecks.phoneNumber),
        .optional("addressSid", FieldChecks.text),
        .optional("coupon", FieldChecks.text),
    ])

    private static let externalNumber = FieldRules(rules: [
        .required("phoneNumber", FieldChecks.phoneNumber),
        .required("provider", FieldChecks.oneOf("twilio")),
        .required("credentials", FieldChecks.object),
    ])

    @Sendable private func available(_ exchange: Exchange) async throws -> Answer {
        let paging = try Paging(exchange, defaultLimit: 10)
        let type = exchange.query("type") ?? "local"
        _ = try FieldChecks.oneOf("local", "tollFree", "mobile")(.string(type), "type")
        let country = exchange.query("country") ?? "US"
        let area = exchange.query("areaCode")
        let numbers = try await store.read { database in
            var numbers: [JSON] = []
            for number in NumbersForSale.all(country: country, type: type, areaCode: area) {
                guard numbers.count < paging.limit else { break }
                guard try !NumberPool.isTaken(number, database) else { continue }
                numbers.append(["phoneNumber": .string(number)])
            }
            return numbers
        }
        return Answer(["numbers": .array(numbers)])
    }

    @Sendable private func purchase(_ exchange: Exchange) async throws -> Answer {
        let order = try NumberMarketRoutes.order.created(from: try await exchange.jsonObject())
        let number = order["phoneNumber"]?.stringValue ?? ""
        let country = order["country"] ?? "US"
        let type = order["type"] ?? "local"
        let workspace = exchange.workspace
        let time = clock.now
        let bought = try await store.write { database in
            guard
                NumbersForSale.contains(
                    number,
                    country: country.stringValue ?? "",
                    type: type.stringValue ?? ""
                ), try !NumberPool.isTaken(number, database)
            else {
                throw Failure.configuration(
                    "\(number) cannot be bought; GET /v1/api/twilio/available-numbers lists what can"
                )
            }
            let record = NumberMarketRoutes.record(
                number,
                [
                    "origin": .string(NumberOrigin.bought.rawValue), "country": country,
                    "type": type,
                ],
                workspace: workspace,
                at: time,
                listedAt: time + NumberMarketRoutes.listedAfter
            )
            try record.insert(database)
            return (record.id, try record.json(database))
        }
        exchange.noteEffect("number.purchased", bought.0)
        return Answer(["success": true, "phoneNumber": .object(bought.1)])
    }

    @Sendable private func release(_ exchange: Exchange) async throws -> Answer {
        let body = try await exchange.jsonObject()
        let fields = try FieldRules(rules: [.required("phoneNumberId", FieldChecks.nonEmptyText)])
            .created(from: body)
        let id = fields["phoneNumberId"]?.stringValue ?? ""
        let pool = NumberPool(workspace: exchange.workspace, time: clock.now)
        try await store.write { database in
            let number = try pool.existing(id: id, database)
            guard try number.origin() != .plan else {
                throw Failure(
                    status: .notFound,
                    title: "Phone number not found",
                    detail: "Phone number \(id) belongs to the plan and cannot be given back",
                    id: id
                )
            }
            try database.execute(
                cached: "DELETE FROM phoneNumber WHERE workspaceId = ? AND id = ?",
                arguments: [pool.workspace, id]
            )
            try pool.ensureFreeNumber(database)
        }
        exchange.noteEffect("number.released", id)
        return Answer(["status": "success", "message": "Phone number released successfully"])
    }

    /// The credentials are checked for being there, and forgotten.
    @Sendable private func register(_ exchange: Exchange) async throws -> Answer {
        let order = try NumberMarketRoutes.externalNumber.created(
            from: try await exchange.jsonObject()
        )
        let number = order["phoneNumber"]?.stringValue ?? ""
        let workspace = exchange.workspace
        let time = clock.now
        let id = try await store.write { database in
            guard try !NumberPool.isTaken(number, database) else {
                throw Failure.configuration("\(number) is registered already")
            }
            let record = NumberMarketRoutes.record(
                number,
                ["origin": .string(NumberOrigin.external.rawValue)],
                workspace: workspace,
                at: time,
                listedAt: time
            )
            try record.insert(database)
            return record.id
        }
        exchange.noteEffect("number.registered", id)
        return Answer(["status": "success", "message": "Phone number registered successfully"])
    }

    private static func record(
        _ number: String,
        _ document: JSONObject,
        workspace: String,
        at time: Int64,
        listedAt: Int64
    ) -> PhoneNumberRecord {
        PhoneNumberRecord(
            id: Identifier.document(at: time),
            workspaceId: workspace,
            number: number,
            agentId: nil,
            createdAt: time,
            document: JSON.object(document).text,
            listedAt: listedAt
        )
    }
}

/// The numbers that can be bought: fictional ones, in the United States and in Canada.
enum NumbersForSale {
    private static let tollFree = ["800", "888", "877", "866", "855", "844", "833"]
    private static let linesOfAnArea = 100

    /// - Parameter areaCode: only those of this one.
    static func all(country: String, type: String, areaCode: String?) -> [String] {
        guard ["US", "CA"].contains(country) else { return [] }
        let usual = type == "tollFree" ? tollFree : ["202", "212", "312", "415", "646", "713"]
        let areas = (areaCode.map { [$0] } ?? usual).filter { isArea($0, type: type) }
        return areas.flatMap { area in
            (0..<linesOfAnArea).map { line(of: area, $0) }
        }
    }

    private static func line(of area: String, _ index: Int) -> String {
        let padding = index < 10 ? "0" : ""
        return "+1\(area)55501\(padding)\(index)"
    }

    static func contains(_ number: String, country: String, type: String) -> Bool {
        let digits = Array(number.utf8)
        guard digits.count == 12, number.hasPrefix("+1"), ["US", "CA"].contains(country) else {
            return false
        }
        let area = String(decoding: digits[2..<5], as: UTF8.self)
        return isArea(area, type: type)
            && String(decoding: digits[5..<10], as: UTF8.self) == "55501"
    }

    private static func isArea(_ area: String, type: String) -> Bool {
        guard let number = Int(area), (200...999).contains(number), area.utf8.count == 3 else {
            return false
        }
        return tollFree.contains(area) == (type == "tollFree")
    }
}
