import GRDB

/// Folders of flows.
struct FolderRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let path = "/v1/api/flow-folders"
        return [
            Route(.get, path, "folders.list", resources.list),
            Route(.post, path, "folders.create", create),
        ]
    }

    private static let rules = FieldRules(rules: [
        .required("name", FieldChecks.nonEmptyText),
        .required("color", FieldChecks.nonEmptyText),
        .required("icon", FieldChecks.nonEmptyText),
        .required("flowType", FieldChecks.oneOf("call", "message")),
    ])

    private var resources: ResourceRoutes {
        ResourceRoutes(
            store: store,
            clock: clock,
            kind: .folder,
            rules: FolderRoutes.rules,
            effect: "folder",
            show: { record, database in
                var answer = try record.json()
                answer["pathways"] = .array(try FolderRoutes.flows(of: record, database))
                return answer
            }
        )
    }

    /// The page of the service answers 201 here, and nowhere else.
    @Sendable private func create(_ exchange: Exchange) async throws -> Answer {
        let answer = try await resources.create(exchange)
        return Answer(status: .created, headers: answer.headers, body: answer.body)
    }

    private static func flows(of folder: ResourceRecord, _ database: Database) throws -> [JSON] {
        try String.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT id FROM flow
                    WHERE workspaceId = ? AND json_extract(document, '$.folderId') = ?
                    ORDER BY sequence
                    """
            ),
            arguments: [folder.workspaceId, folder.id]
        ).map(JSON.string)
    }
}
