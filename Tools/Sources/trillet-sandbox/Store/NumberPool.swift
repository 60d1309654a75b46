import GRDB

/// The phone numbers of one workspace. There is always a free one, as if somebody bought the next
/// number whenever the last free one is given to an agent.
struct NumberPool {
    let workspace: String
    let time: Int64

    /// Those that lists show at this time.
    func all(_ database: Database) throws -> [PhoneNumberRecord] {
        try PhoneNumberRecord.fetchAll(
            database,
            cached: """
                SELECT * FROM phoneNumber WHERE workspaceId = ? AND listedAt <= ? ORDER BY sequence
                """,
            arguments: [workspace, time]
        )
    }

    /// Whether any workspace has the number.
    static func isTaken(_ number: String, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            cached: "SELECT EXISTS (SELECT 1 FROM phoneNumber WHERE number = ?)",
            arguments: [number]
        ) ?? false
    }

    func number(id: String, _ database: Database) throws -> PhoneNumberRecord? {
        try PhoneNumberRecord.fetchOne(
            database,
            cached: "SELECT * FROM phoneNumber WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    func numbers(ofAgent agent: String, _ database: Database) throws -> [PhoneNumberRecord] {
        try PhoneNumberRecord.fetchAll(
            database,
            cached: """
                SELECT * FROM phoneNumber WHERE workspaceId = ? AND agentId = ? ORDER BY sequence
                """,
            arguments: [workspace, agent]
        )
    }

    func bind(id: String, toAgent agent: String, _ database: Database) throws {
        try database.execute(
            cached: "UPDATE phoneNumber SET agentId = ? WHERE workspaceId = ? AND id = ?",
            arguments: [agent, workspace, id]
        )
        try ensureFreeNumber(database)
    }

    func release(id: String, _ database: Database) throws {
        try database.execute(
            cached: "UPDATE phoneNumber SET agentId = NULL WHERE workspaceId = ? AND id = ?",
            arguments: [workspace, id]
        )
    }

    func releaseAll(ofAgent agent: String, _ database: Database) throws {
        try database.execute(
            cached: "UPDATE phoneNumber SET agentId = NULL WHERE workspaceId = ? AND agentId = ?",
            arguments: [workspace, agent]
        )
    }

    /// Gives the agent a free number unless it has one.
    func equip(agent: String, _ database: Database) throws {
        guard try numbers(ofAgent: agent, database).isEmpty else { return }
        let free = try String.fetchOne(
            database,
            cached: """
                SELECT id FROM phoneNumber WHERE workspaceId = ? AND agentId IS NULL
                ORDER BY sequence LIMIT 1
                """,
            arguments: [workspace]
        )
        if let free { try bind(id: free, toAgent: agent, database) }
    }

    func ensureFreeNumber(_ database: Database) throws {
        let hasFree = try Bool.fetchOne(
            database,
            cached: """
                SELECT EXISTS (SELECT 1 FROM phoneNumber WHERE workspaceId = ? AND agentId IS NULL)
                """,
            arguments: [workspace]
        )
        guard hasFree != true else { return }
        var count = try Int.fetchOne(database, cached: "SELECT count(*) FROM phoneNumber") ?? 0
        while try NumberPool.isTaken(TelephoneNumber.fictional(count), database) { count += 1 }
        try PhoneNumberRecord(
            id: Identifier.document(at: time),
            workspaceId: workspace,
            number: TelephoneNumber.fictional(count),
            agentId: nil,
            createdAt: time
        ).insert(database)
    }
}
