import GRDB

/// The workspaces that a key opens, and invitations to them. No email is sent.
struct WorkspaceRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        let path = "/v1/api/workspaces"
        var all = [
            Route(.get, path, "workspaces.list", list),
            Route(.get, path + "/{id}", "workspaces.get", get),
            Route(.get, path + "/invitations/pending", "workspaces.invitations", invitations),
            Route(.post, path + "/{id}/invite", "workspaces.invite", invite),
        ]
        // Programs ask which workspaces there are before they name one.
        all[0].needsWorkspace = false
        return all
    }

    private static let invitation = FieldRules(rules: [
        .required("email", FieldChecks.nonEmptyText),
        .required("role", FieldChecks.nonEmptyText),
    ])

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        Answer(
            json: .array(exchange.workspaces.sorted().map { .object(WorkspaceRoutes.json($0)) })
        )
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        Answer(WorkspaceRoutes.json(try WorkspaceRoutes.named(exchange)))
    }

    @Sendable private func invitations(_ exchange: Exchange) async throws -> Answer {
        let workspace = exchange.workspace
        let pending = try await store.read { database in
            try ResourceRecord.all(.invitation, workspace: workspace, database)
                .map { JSON.object(try $0.json()) }
        }
        return Answer(json: .array(pending))
    }

    @Sendable private func invite(_ exchange: Exchange) async throws -> Answer {
        var fields = try WorkspaceRoutes.invitation.created(from: try await exchange.jsonObject())
        let email = fields["email"]?.stringValue ?? ""
        guard Address.isEmail(email) else {
            throw Failure.invalid("email must be an email address, not \"\(email)\"")
        }
        fields["status"] = "pending"
        let document = JSON.object(fields).text
        let workspace = try WorkspaceRoutes.named(exchange)
        let time = clock.now
        let id = Identifier.document(at: time)
        try await store.write { database in
            let pending = try ResourceRecord.all(.invitation, workspace: workspace, database)
            guard try !pending.contains(where: { try $0.fields()["email"] == .string(email) })
            else { throw Failure.configuration("\(email) is invited already") }
            try ResourceRecord(
                id: id,
                workspaceId: workspace,
                kind: .invitation,
                document: document,
                createdAt: time,
                updatedAt: time
            ).insert(database)
        }
        exchange.noteEffect("invitation.sent", id)
        return Answer(["success": true, "message": "Invitation sent"])
    }

    /// - Throws: ``Failure`` 404 for a workspace that the key does not open.
    private static func named(_ exchange: Exchange) throws -> String {
        let id = exchange.parameter("id")
        guard exchange.workspaces.contains(id) else { throw Failure.notFound("Workspace", id: id) }
        return id
    }

    private static func json(_ id: String) -> JSONObject {
        let words = id.split(whereSeparator: { "-_ ".contains($0) })
        let name = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
        return [
            "_id": .string(id), "name": .string(name),
            "initials": .string(words.prefix(2).map { $0.prefix(1).uppercased() }.joined()),
            "teamMembers": [
                ["name": "Sandbox Owner", "email": "owner@example.com", "role": "owner"]
            ],
        ]
    }
}
