import GRDB

/// The call history as a CSV file.
struct CallExportRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [Route] {
        [Route(.post, "/v2/api/call-history/export-csv", "calls.export", export)]
    }

    private static let order = FieldRules(rules: [
        .optional("agentId", FieldChecks.text),
        .optional("includeTranscripts", false, FieldChecks.flag),
        .optional("includePostAnalysis", false, FieldChecks.flag),
        .optional("limit", FieldChecks.positiveWholeNumber),
    ])

    /// As many as fit into a moderate answer.
    private static let most = 10_000

    private static let columns = [
        "Call ID", "Record ID", "From Phone Number", "To Phone Number", "Direction", "Status",
        "Duration (s)", "Start Time (UTC)", "End Time (UTC)", "Agent Name", "Call Flow Name",
        "Cost", "Summary", "Recording Link",
    ]

    @Sendable private func export(_ exchange: Exchange) async throws -> Answer {
        let order = try CallExportRoutes.order.created(from: try await exchange.jsonObject())
        let limit = min(order["limit"]?.saturatedIntValue ?? .max, CallExportRoutes.most)
        let agent = order["agentId"]?.stringValue
        let workspace = exchange.workspace
        let time = clock.now
        let origin = exchange.origin
        let hasAnalysis = order["includePostAnalysis"] == true
        let hasTranscripts = order["includeTranscripts"] == true
        let columns =
            CallExportRoutes.columns + (hasAnalysis ? ["Analyzed Data (JSON)"] : [])
            + (hasTranscripts ? ["Transcript"] : [])
        let text = try await store.read { database in
            var documents = CallDocuments(at: time, origin: origin, database)
            var text = CallExportRoutes.line(columns)
            for call in try CallExportRoutes.calls(workspace, agent, limit, database) {
                var fields = try CallExportRoutes.fields(call, &documents)
                if hasAnalysis {
                    let analysis = time >= call.endsAt ? CallDocuments.analysis(call) : [:]
                    fields.append(JSON.object(analysis).text)
                }
                if hasTranscripts { fields.append(time >= call.endsAt ? call.transcript : "") }
                text += CallExportRoutes.line(fields)
            }
            return text
        }
        return Answer(
            file: text,
            fileName: "call-history.csv",
            contentType: "text/csv; charset=utf-8"
        )
    }

    private static func calls(
        _ workspace: String,
        _ agent: String?,
        _ limit: Int,
        _ database: Database
    ) throws -> [CallRecord] {
        try CallRecord.fetchAll(
            database,
            cached: """
                SELECT * FROM call WHERE workspaceId = ? \(agent == nil ? "" : "AND agentId = ?")
                ORDER BY sequence DESC LIMIT ?
                """,
            arguments: StatementArguments([workspace] + (agent.map { [$0] } ?? []))
                + StatementArguments([limit])
        )
    }

    private static func fields(_ call: CallRecord, _ documents: inout CallDocuments) throws
        -> [String]
    {
        let time = documents.time
        let hasEnded = time >= call.endsAt
        return [
            call.id, call.recordId, call.fromNumber, call.toNumber,
            call.isWeb ? "inbound" : "outbound", CallStatus(of: call, at: time).rawValue,
            hasEnded ? String(call.duration) : "", moment(call.createdAt),
            hasEnded ? moment(call.endsAt) : "", try documents.agentName(call).stringValue ?? "",
            try documents.flowName(call).stringValue ?? "", JSON.number(call.cost(at: time)).text,
            hasEnded ? call.summary : "", documents.recordingUrl(call) ?? "",
        ]
    }

    /// `2031-03-04 10:00:00`
    private static func moment(_ milliseconds: Int64) -> String {
        String(Timestamp.text(milliseconds).prefix(19)).split(separator: "T").joined(separator: " ")
    }

    /// A record of RFC 4180.
    private static func line(_ fields: [String]) -> String {
        let quoted = fields.map { field in
            guard field.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else {
                return field
            }
            let parts = field.split(separator: "\"", omittingEmptySubsequences: false)
            return "\"" + parts.joined(separator: "\"\"") + "\""
        }
        return quoted.joined(separator: ",") + "\n"
    }
}
