import GRDB

/// Which calls of the history a request asks for.
struct CallHistoryFilter: Sendable {
    private var conditions = ["workspaceId = :workspace"]
    private var arguments: [String: DatabaseValue]

    /// - Throws: ``Failure`` 400 naming the member that cannot be used.
    init(_ exchange: Exchange, at time: Int64) throws {
        arguments = [
            "workspace": exchange.workspace.databaseValue, "now": time.databaseValue,
        ]
        conditions.append(":now > 0")
        // Only the conditions that hold are in the query: they choose the index.
        if let agent = exchange.query("agentId") { add("agentId = :agent", "agent", agent) }
        if let flow = exchange.query("pathwayId") { add("flowId = :flow", "flow", flow) }
        if let batch = exchange.query("batchId") {
            add("batchSequence = :batch", "batch", BatchRecord.sequence(ofIdentifier: batch) ?? -1)
        }
        if let status = exchange.query("status") {
            conditions.append("(\(try CallHistoryFilter.status(status).condition))")
        }
        if let direction = exchange.query("direction") {
            try CallHistoryFilter.check("direction", direction, ["inbound", "outbound"])
            add("isWeb = :isInbound", "isInbound", direction == "inbound")
        }
        if let type = exchange.query("callType") {
            try CallHistoryFilter.check("callType", type, ["sip", "web"])
            add("isWeb = :isWeb", "isWeb", type == "web")
        }
        if let text = exchange.query("search"), !text.isEmpty { addSearch(text) }
        if let text = exchange.query("callIds") { try addCallIds(text) }
        if let text = exchange.query("dateRange") { try addDateRange(text) }
        if let text = exchange.query("postAnalysis") { try addAnalysis(text) }
    }

    /// The calls, the newest first.
    func calls(_ slice: Slice, _ database: Database) throws -> [CallRecord] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT * FROM call WHERE \(conditions.joined(separator: " AND "))
                ORDER BY sequence DESC LIMIT :limit OFFSET :offset
                """
        )
        var values: [String: (any DatabaseValueConvertible)?] = [:]
        for (name, value) in arguments { values[name] = value }
        values["limit"] = slice.limit
        values["offset"] = slice.offset
        return try CallRecord.fetchAll(statement, arguments: StatementArguments(values))
    }

    private mutating func add(
        _ condition: String,
        _ name: String,
        _ value: some DatabaseValueConvertible
    ) {
        conditions.append(condition)
        arguments[name] = value.databaseValue
    }

    private static func status(_ text: String) throws -> CallStatus {
        guard let status = CallStatus(rawValue: text) else {
            let known = CallStatus.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.invalid("status must be one of \(known)")
        }
        return status
    }

    private static func check(_ name: String, _ value: String, _ known: [String]) throws {
        guard known.contains(value) else {
            throw Failure.invalid("\(name) must be one of \(known.joined(separator: ", "))")
        }
    }

    private mutating func addSearch(_ text: String) {
        let found = ["id", "fromNumber", "toNumber", "variables"].map {
            "instr(lower(\($0)), lower(:search)) > 0"
        }
        let said = "(endsAt <= :now AND instr(lower(transcript), lower(:search)) > 0)"
        add("(\((found + [said]).joined(separator: " OR ")))", "search", text)
    }

    private mutating func addCallIds(_ text: String) throws {
        guard let ids = (try? JSON(parsing: text))?.arrayValue?.map(\.stringValue),
            !ids.contains(nil)
        else { throw Failure.invalid("callIds must be the JSON text of an array of strings") }
        let names = ids.compactMap { $0 }
        let sequences = names.compactMap { CallRecord.sequence(ofRecordId: $0) }
        add(
            """
            (id IN (SELECT value FROM json_each(:callIds))
                OR sequence IN (SELECT value FROM json_each(:records)))
            """,
            "callIds",
            JSON.array(names.map(JSON.string)).text
        )
        arguments["records"] = JSON.array(sequences.map(JSON.number)).text.databaseValue
    }

    private mutating func addDateRange(_ text: String) throws {
        guard let range = (try? JSON(parsing: text))?.objectValue else {
            throw Failure.invalid("dateRange must be the JSON text of an object with from and to")
        }
        if let from = range["from"], from != .null {
            add("createdAt >= :from", "from", try CallHistoryFilter.moment(from, "from"))
        }
        if let to = range["to"], to != .null {
            add("createdAt <= :to", "to", try CallHistoryFilter.moment(to, "to", isEnd: true))
        }
    }

    private static let day: Int64 = 86_400_000
    /// Numbers below are seconds, others milliseconds.
    private static let firstMilliseconds = 100_000_000_000.0

    /// - Parameter isEnd: whether a date without a time means the end of that day.
    private static func moment(_ value: JSON, _ name: String, isEnd: Bool = false) throws -> Int64 {
        if let number = value.doubleValue, number.magnitude < 1e15 {
            return Int64(number.magnitude < firstMilliseconds ? number * 1_000 : number)
        }
        if let text = value.stringValue {
            if let moment = Timestamp.parseWithFraction(text) { return moment }
            if let start = Timestamp.parse(text + "T00:00:00Z") {
                return isEnd ? start + day - 1 : start
            }
        }
        throw Failure.invalid(
            "dateRange.\(name) must be a time in UTC such as 2031-03-04T15:00:00Z, a date such as "
                + "2031-03-04 or Unix seconds"
        )
    }

    private mutating func addAnalysis(_ text: String) throws {
        guard let wanted = (try? JSON(parsing: text))?.objectValue else {
            throw Failure.invalid("postAnalysis must be the JSON text of an object")
        }
        conditions.append("endsAt <= :now")
        for key in wanted.keys {
            guard key == "answered_by_voicemail", let flag = wanted[key]?.boolValue else {
                // No analysis has such a value.
                conditions.append("FALSE")
                continue
            }
            add(
                "(coalesce(error, '') = '\(CallFailure.voicemail.rawValue)') = :voicemail",
                "voicemail",
                flag
            )
        }
    }
}
