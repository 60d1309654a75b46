import GRDB

/// Which calls a list shows, and in which order.
struct CallListFilter: Sendable {
    private static let outcomes = ["running", "successful", "failed"]
    private static let orders = ["created", "ended", "length", "number"]

    /// The moment is in every query, so that none has an argument too many.
    private var conditions = [":now > 0"]
    private var arguments: [String: DatabaseValue]
    private let isOfBatch: Bool
    /// `nil` to let the database choose.
    private var index: String?
    private let order: String
    /// Later calls are only counted: the rows of a list that somebody reads must not move.
    private let upTo: Int64?

    init(_ query: PageQuery, at now: Int64) throws {
        arguments = ["workspace": query.workspace.databaseValue, "now": now.databaseValue]
        upTo = try query.number("upTo")
        order = try CallListFilter.order(query)
        let batch = query.text("batchId")
        isOfBatch = batch != nil
        if let batch {
            // The index of a batch's calls knows no workspace.
            add(
                """
                batchSequence = :batch AND EXISTS (
                    SELECT 1 FROM batch WHERE sequence = :batch AND workspaceId = :workspace
                )
                """,
                "batch",
                BatchRecord.sequence(ofIdentifier: batch) ?? -1
            )
        } else {
            conditions.append("workspaceId = :workspace")
        }
        if let agent = query.text("agentId") { add("agentId = :agent", "agent", agent) }
        if let flow = query.text("flowId") { add("flowId = :flow", "flow", flow) }
        if let reason = query.text("error") {
            add("error = :error AND endsAt <= :now", "error", reason)
        }
        try addTimes(query)
        if let number = query.text("number") {
            add("instr(toNumber, :number) > 0", "number", number)
            use("callByNumber")
        }
        if let text = query.search { addSearch(text) }
        try addState(query)
    }

    /// The sequences of the calls of one page.
    func sequences(_ query: PageQuery, _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT sequence FROM \(table) WHERE \(shown)
                    ORDER BY \(order) LIMIT :limit OFFSET :offset
                    """
            ),
            arguments: values(["limit": query.limit, "offset": query.offset])
        )
    }

    func total(_ database: Database) throws -> Int {
        try count(shown, database)
    }

    /// How many have come since ``upTo``.
    func newer(_ database: Database) throws -> Int {
        guard upTo != nil else { return 0 }
        return try count((conditions + ["sequence > :upTo"]).joined(separator: " AND "), database)
    }

    private var table: String { index.map { "call INDEXED BY \($0)" } ?? "call" }

    private var shown: String {
        (conditions + (upTo == nil ? [] : ["sequence <= :upTo"])).joined(separator: " AND ")
    }

    private func count(_ condition: String, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database.cachedStatement(sql: "SELECT count(*) FROM \(table) WHERE \(condition)"),
            arguments: values([:])
        ) ?? 0
    }

    private func values(_ others: [String: Int]) -> StatementArguments {
        var values: [String: (any DatabaseValueConvertible)?] = [:]
        for (name, value) in arguments { values[name] = value }
        if let upTo { values["upTo"] = upTo }
        for (name, value) in others { values[name] = value }
        return StatementArguments(values)
    }

    private mutating func add(
        _ condition: String,
        _ name: String,
        _ value: some DatabaseValueConvertible
    ) {
        conditions.append(condition)
        arguments[name] = value.databaseValue
    }

    private mutating func addState(_ query: PageQuery) throws {
        let words = CallState.allCases.map(\.rawValue) + CallListFilter.outcomes
        switch try query.word("state", of: words) {
        case nil: return
        case "running": addRunning()
        case "successful": conditions.append("endsAt <= :now AND error IS NULL")
        case "failed": conditions.append("endsAt <= :now AND error IS NOT NULL")
        case "ended": conditions.append("endsAt <= :now")
        case let word?:
            let state = CallState(rawValue: word) ?? .queued
            conditions.append(state.condition)
            addRunning()
        }
    }

    private mutating func addRunning() {
        conditions.append("endsAt > :now")
        // They are few among very many, which the database cannot know.
        use("callByEnd")
    }

    /// A call that was made after a moment also ends after it.
    private mutating func addTimes(_ query: PageQuery) throws {
        if let since = try query.number("since") {
            add("createdAt >= :since AND endsAt >= :since", "since", since)
            use("callByEnd")
        }
        if let until = try query.number("until") {
            add("createdAt < :until", "until", until)
            use("callByEnd")
        }
    }

    /// The calls of a batch have an index of their own.
    private mutating func use(_ name: String) {
        if !isOfBatch { index = name }
    }

    private mutating func addSearch(_ text: String) {
        let special: Set<Character> = ["%", "_", "\\"]
        let escaped = text.map { special.contains($0) ? "\\\($0)" : String($0) }.joined()
        func has(_ columns: [String]) -> String {
            columns.map { "\($0) LIKE :search ESCAPE '\\'" }.joined(separator: " OR ")
        }
        let known = has(["id", "toNumber", "fromNumber", "variables", "metadata"])
        let atEnd = has(["error", "transcript"])
        add("(\(known) OR (endsAt <= :now AND (\(atEnd))))", "search", "%\(escaped)%")
    }

    private static func order(_ query: PageQuery) throws -> String {
        let isAscending = try query.word("direction", of: ["ascending", "descending"])
        let direction = isAscending == "ascending" ? "ASC" : "DESC"
        return switch try query.word("sort", of: orders) {
        case "ended": "endsAt \(direction), sequence \(direction)"
        case "length": "min(endsAt, :now) - createdAt \(direction), sequence \(direction)"
        case "number": "toNumber \(direction), sequence \(direction)"
        default: "sequence \(direction)"
        }
    }
}
