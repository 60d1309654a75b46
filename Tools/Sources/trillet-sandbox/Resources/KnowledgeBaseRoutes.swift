/// Knowledge bases and their files. A file is counted and forgotten.
struct KnowledgeBaseRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let path = "/v1/api/knowledgebase"
        return [
            Route(.get, path, "knowledge_bases.list", resources.list),
            Route(.post, path, "knowledge_bases.create", resources.create),
            Route(.get, path + "/{id}", "knowledge_bases.get", resources.get),
            Route(.put, path + "/{id}", "knowledge_bases.update", resources.update),
            Route(.post, path + "/{id}/files", "knowledge_bases.upload", upload),
        ]
    }

    private static let rules = FieldRules(rules: [
        .required("name", FieldChecks.nonEmptyText),
        .optional("description", "", FieldChecks.text),
        .optional("textContent", "", FieldChecks.text),
        .optional("isSMB", FieldChecks.flag),
    ])

    private var resources: ResourceRoutes {
        ResourceRoutes(
            store: store,
            clock: clock,
            kind: .knowledgeBase,
            rules: KnowledgeBaseRoutes.rules,
            effect: "knowledge_base",
            show: { record, _ in
                var answer = try record.json()
                answer["files"] = answer["files"] ?? []
                return answer
            }
        )
    }

    /// A knowledge base lists no more files than this.
    private static let mostFiles = 1_000

    @Sendable private func upload(_ exchange: Exchange) async throws -> Answer {
        let file = try await StreamedUpload(exchange, file: "uploadedFile").json(at: clock.now)
        let id = exchange.parameter("id")
        let time = clock.now
        let workspace = exchange.workspace
        try await store.write { database in
            var record = try ResourceRecord.existing(
                .knowledgeBase,
                id: id,
                workspace: workspace,
                database
            )
            var fields = try record.fields()
            let files = fields["files"]?.arrayValue ?? []
            guard files.count < KnowledgeBaseRoutes.mostFiles else {
                throw Failure.invalid(
                    "A knowledge base has \(KnowledgeBaseRoutes.mostFiles) files at most"
                )
            }
            fields["files"] = .array(files + [.object(file)])
            try record.save(fields, at: time, database)
        }
        exchange.noteEffect("knowledge_base.file_added", id)
        return Answer(["success": true, "file": .object(file)])
    }
}
