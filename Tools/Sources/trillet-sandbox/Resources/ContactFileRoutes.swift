/// Looking at a CSV file before a batch is started with it: template, check and preview.
struct ContactFileRoutes: Sendable {
    let budget: UploadBudget

    var routes: [Route] {
        [
            Route(.get, RoutePrefix.batches + "/template", "batch_calls.template", template),
            Route(.post, RoutePrefix.batches + "/validate", "batch_calls.validate", validate),
            Route(.post, RoutePrefix.batches + "/preview", "batch_calls.preview", preview),
        ]
    }

    @Sendable private func template(_ exchange: Exchange) async throws -> Answer {
        Answer(
            file: """
                phone_number,first_name,last_name,email
                +12025550164,Ada,Moss,ada.moss@example.com

                """,
            fileName: "batch-calls-template.csv",
            contentType: "text/csv; charset=utf-8"
        )
    }

    @Sendable private func validate(_ exchange: Exchange) async throws -> Answer {
        let upload = try await Upload(exchange, budget)
        let (file, check) = try await SerialWorker.run {
            let file = try upload.contactFile()
            return (file, try ContactCheck(file))
        }
        return Answer([
            "valid": .bool(check.invalidRows == 0),
            "totalRows": .number(check.totalRows), "validRows": .number(check.validRows),
            "invalidRows": .number(check.invalidRows),
            "columns": .array(file.columns.map(JSON.string)),
            "errors": .array(check.errors.map(\.json)),
            "warnings": .array(check.warnings.map(\.json)),
            "preview": .array(check.preview),
        ])
    }

    @Sendable private func preview(_ exchange: Exchange) async throws -> Answer {
        let upload = try await Upload(exchange, budget)
        let limit = try previewLimit(upload.field("limit") ?? exchange.query("limit"))
        let (file, rows, totalRows) = try await SerialWorker.run {
            let file = try upload.contactFile()
            var rows: [JSON] = []
            var totalRows = 0
            try file.forEachRow { row in
                totalRows = row.number
                if rows.count < limit { rows.append(file.json(row)) }
                return true
            }
            return (file, rows, totalRows)
        }
        return Answer([
            "columns": .array(file.columns.map(JSON.string)), "totalRows": .number(totalRows),
            "rows": .array(rows),
        ])
    }

    private func previewLimit(_ text: String?) throws -> Int {
        guard let text else { return ContactCheck.previewRows }
        guard let limit = JSON(wholeNumber: text)?.saturatedIntValue, limit >= 1 else {
            throw Failure.invalid("limit must be a whole number of at least 1, not \"\(text)\"")
        }
        return min(limit, Paging.largestLimit)
    }
}
