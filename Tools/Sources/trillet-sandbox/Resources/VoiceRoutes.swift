/// Voices of one's own. A cloned voice is numbers that depend on the recording's length alone.
struct VoiceRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let path = "/v1/api/voices"
        return [
            Route(.post, path, "voices.create", resources.create),
            Route(.get, path + "/{id}", "voices.get", resources.get),
            Route(.post, path + "/clone", "voices.clone", clone),
        ]
    }

    private static let rules = FieldRules(rules: [
        .required("name", FieldChecks.nonEmptyText),
        .required("embedding", FieldChecks.anything),
        .optional("language", "en", FieldChecks.text),
    ])

    private var resources: ResourceRoutes {
        ResourceRoutes(
            store: store,
            clock: clock,
            kind: .voice,
            rules: VoiceRoutes.rules,
            effect: "voice",
            show: { record, _ in
                var answer = try record.json()
                answer["embedding"] = nil
                return answer
            }
        )
    }

    @Sendable private func clone(_ exchange: Exchange) async throws -> Answer {
        let upload = try await StreamedUpload(exchange, file: "file")
        var generator = SeededGenerator(key: [UInt64(upload.length)])
        let embedding = (0..<16).map { _ in
            JSON.number(Double(Int.random(in: -999...999, using: &generator)) / 1_000)
        }
        let voice = try await resources.insert(
            [
                "name": .string(upload.field("name") ?? upload.fileName),
                "embedding": .array(embedding), "language": "en",
            ],
            exchange
        )
        return Answer(["embedding": .array(embedding), "voice": .object(voice)])
    }
}
