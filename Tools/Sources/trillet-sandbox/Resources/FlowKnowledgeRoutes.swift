import GRDB

/// The files that a flow's agent knows, which the flow's settings list.
struct FlowKnowledgeRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let path = "/v1/api/call-flows/{id}/knowledge-base"
        return [
            Route(.post, path, "flows.upload_knowledge", upload),
            Route(.delete, path + "/{fileKey}", "flows.delete_knowledge", delete),
        ]
    }

    /// A flow lists no more files than this.
    private static let mostFiles = 1_000

    @Sendable private func upload(_ exchange: Exchange) async throws -> Answer {
        let file = try await StreamedUpload(exchange, file: "file")
        let key = Identifier.fileKey()
        let entry: JSON = [
            "filename": .string(file.fileName), "key": .string(key),
            "url": .string("https://files.example.com/\(key)"),
        ]
        let flow = try await change(exchange) { files in
            guard files.count < FlowKnowledgeRoutes.mostFiles else {
                throw Failure.invalid("A flow has \(FlowKnowledgeRoutes.mostFiles) files at most")
            }
            files.append(entry)
        }
        exchange.noteEffect("flow.file_added", key)
        return Answer(flow)
    }

    @Sendable private func delete(_ exchange: Exchange) async throws -> Answer {
        let key = exchange.parameter("fileKey")
        let flow = try await change(exchange) { files in
            let index = files.firstIndex { $0.objectValue?["key"]?.stringValue == key }
            guard let index else { throw Failure.notFound("File", id: key) }
            files.remove(at: index)
        }
        exchange.noteEffect("flow.file_deleted", key)
        return Answer(flow)
    }

    /// Changes the list of files of the flow that the path names.
    private func change(
        _ exchange: Exchange,
        _ body: @escaping @Sendable (inout [JSON]) throws -> Void
    ) async throws -> JSONObject {
        let id = exchange.parameter("id")
        let workspace = exchange.workspace
        let time = clock.now
        return try await store.write { database in
            var record = try FlowRecord.existing(id: id, workspace: workspace, database)
            var document = try record.fields()
            var settings = document["settings"]?.objectValue ?? JSONObject()
            var files = settings["knowledgeBaseFiles"]?.arrayValue ?? []
            try body(&files)
            settings["knowledgeBaseFiles"] = .array(files)
            document["settings"] = .object(settings)
            record.document = JSON.object(document).text
            record.updatedAt = max(time, record.updatedAt + 1)
            try record.update(database)
            return try record.json()
        }
    }
}
