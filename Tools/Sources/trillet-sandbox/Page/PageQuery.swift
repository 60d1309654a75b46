import GRDB

/// Which part of which list the page asks for.
struct PageQuery: Sendable {
    let workspace: String
    let limit: Int
    let offset: Int
    private let exchange: ControlExchange

    private static let usualLimit = 50
    private static let largestLimit = 500

    /// - Throws: ``Failure`` 400 naming the parameter that cannot be used.
    init(_ exchange: ControlExchange) throws {
        self.exchange = exchange
        workspace = PageQuery.workspace(exchange)
        let most = try PageQuery.number("limit", exchange, atLeast: 1) ?? PageQuery.usualLimit
        limit = min(most, PageQuery.largestLimit)
        offset = try PageQuery.number("offset", exchange, atLeast: 0) ?? 0
    }

    /// Text to look for; `nil` when everything is wanted.
    var search: String? { text("search") }

    func text(_ name: String) -> String? { exchange.text(name) }

    func number(_ name: String) throws -> Int64? {
        guard let text = text(name) else { return nil }
        guard let number = Int64(text) else {
            throw Failure.control("\(name) must be a whole number, not \"\(text)\"")
        }
        return number
    }

    /// A parameter that is one of `words`.
    func word(_ name: String, of words: [String]) throws -> String? {
        guard let text = text(name) else { return nil }
        guard words.contains(text) else {
            throw Failure.control(
                "\(name) must be one of \(words.joined(separator: ", ")), not \"\(text)\""
            )
        }
        return text
    }

    /// That of the request; most people have only the one.
    static func workspace(_ exchange: ControlExchange) -> String {
        exchange.text("workspaceId") ?? SandboxCommand.defaultAccount.workspace
    }

    private static func number(
        _ name: String,
        _ exchange: ControlExchange,
        atLeast least: Int
    ) throws -> Int? {
        guard exchange.text(name) != nil else { return nil }
        return try exchange.number(name, atLeast: least)
    }
}

/// The names of agents and flows, each looked up once.
struct KnownNames {
    private let database: Database
    private var names: [String: JSON] = [:]

    init(_ database: Database) {
        self.database = database
    }

    /// What was deleted has no name any more.
    mutating func name(of id: String, in table: String) throws -> JSON {
        if let known = names[id] { return known }
        let name = try String.fetchOne(
            database,
            cached: "SELECT document ->> '$.name' FROM \(table) WHERE id = ?",
            arguments: [id]
        )
        let json = name.map(JSON.string) ?? .null
        names[id] = json
        return json
    }

    /// The two members that name an agent.
    mutating func agent(_ id: String?) throws -> JSONObject {
        guard let id else { return ["agentId": .null, "agentName": .null] }
        return ["agentId": .string(id), "agentName": try name(of: id, in: "agent")]
    }
}
