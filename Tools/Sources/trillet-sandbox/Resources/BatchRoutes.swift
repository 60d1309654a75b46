import GRDB

/// Batches: start, status, progress and cancel.
struct BatchRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let largestBatch: Int
    let budget: UploadBudget

    var routes: [Route] {
        let batch = RoutePrefix.batches + "/{batchId}"
        return [
            Route(.post, RoutePrefix.batches, "batch_calls.start", start),
            Route(.get, batch, "batch_calls.get", status),
            Route(.get, batch + "/status", "batch_calls.progress", progress),
            Route(.delete, batch, "batch_calls.cancel", cancel),
        ]
    }

    @Sendable private func start(_ exchange: Exchange) async throws -> Answer {
        let time = clock.now
        let upload = try await Upload(exchange, budget)
        let largest = largestBatch
        let order = try await SerialWorker.run {
            try BatchOrder(upload, at: time, largest: largest)
        }
        let workspace = exchange.workspace
        let batch = try await store.write { database in
            try insert(order, workspace, at: time, database)
        }
        exchange.noteEffect("batch.started", batch.id)
        return Answer([
            "batchId": .string(batch.id), "totalCalls": .number(order.check.validRows),
            "status": .string(batch.status.rawValue),
            "message": "Batch calls initiated successfully",
        ])
    }

    private func insert(
        _ order: BatchOrder,
        _ workspace: String,
        at time: Int64,
        _ database: Database
    ) throws -> BatchRecord {
        let setup = try OutboundSetup(agentId: order.agentId, workspace: workspace, database)
        var batch = BatchRecord(
            workspaceId: workspace,
            agentId: order.agentId,
            status: .queued,
            columns: JSON.array(order.file.columns.map(JSON.string)).text,
            script: setup.script,
            redialling: order.redialling ?? Redialling(agent: setup.fields),
            createdAt: time,
            scheduledAt: order.scheduledAt
        )
        try order.check(setup.script)
        try batch.insert(database)
        let phone = try order.file.requirePhoneColumn()
        let insertion = try database.cachedStatement(
            sql: """
                INSERT INTO job
                    (workspaceId, batchSequence, row, status, phoneNumber, cells, eventAt)
                VALUES (?, ?, ?, 'waiting', ?, ?, ?)
                """
        )
        let dueAt = order.scheduledAt ?? time
        try order.file.forEachRow { row in
            let cell = row.cells[phone]
            try insertion.execute(arguments: [
                workspace, batch.sequence, row.number,
                TelephoneNumber.normalised(cell) ?? cell,
                JSON.text(ofTexts: row.cells), dueAt,
            ])
            return true
        }
        try JobCounts.begin(batch, order.check.validRows, database)
        return batch
    }

    @Sendable private func status(_ exchange: Exchange) async throws -> Answer {
        let (batch, progress) = try await look(exchange) { batch, database in
            try BatchProgress(batch, database)
        }
        return Answer([
            "id": .string(batch.id), "status": .string(batch.status.rawValue),
            "isComplete": .bool(batch.status.isFinal),
            "totalCalls": .number(progress.counts.total),
            "progress": .object(progress.json(detailed: false)),
            "timestamp": .number(clock.now),
        ])
    }

    @Sendable private func progress(_ exchange: Exchange) async throws -> Answer {
        let (batch, progress) = try await look(exchange) { batch, database in
            try BatchProgress(batch, database)
        }
        var answer: JSONObject = [
            "status": .string(batch.status.rawValue), "isComplete": .bool(batch.status.isFinal),
        ]
        let details = progress.json(detailed: true)
        for key in details.keys { answer[key] = details[key] }
        return Answer(answer)
    }

    private func look<Result: Sendable>(
        _ exchange: Exchange,
        _ body: @escaping @Sendable (BatchRecord, Database) throws -> Result
    ) async throws -> (BatchRecord, Result) {
        let id = exchange.parameter("batchId")
        let workspace = exchange.workspace
        return try await store.read { database in
            guard let batch = try BatchRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Batch", id: id)
            }
            return (batch, try body(batch, database))
        }
    }

    @Sendable private func cancel(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("batchId")
        let workspace = exchange.workspace
        let time = clock.now
        let counts = try await store.write { database in
            guard let batch = try BatchRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Batch", id: id)
            }
            return try batch.cancelled(at: time, database)
        }
        exchange.noteEffect("batch.cancelled", id)
        return Answer([
            "batchId": .string(id), "status": "cancelled",
            "message": "Batch cancelled successfully",
            "details": [
                "completedCalls": .number(counts.completed), "failedCalls": .number(counts.failed),
                "cancelledCalls": .number(counts.cancelled), "totalCalls": .number(counts.total),
            ],
        ])
    }
}

extension BatchRecord {
    /// Drops the waiting jobs; active calls run to their end. Returns the counts of that moment,
    /// the same ones for a batch that is cancelled already.
    fileprivate func cancelled(at time: Int64, _ database: Database) throws -> Cancellation {
        if let cancellation { return cancellation }
        guard !status.isFinal else {
            throw Failure(
                status: .badRequest,
                title: "Batch cannot be cancelled",
                detail: "Batch \(id) is already \(status.rawValue)",
                id: id
            )
        }
        let counts = try JobCounts(batch: self, database)
        let cancellation = Cancellation(
            completed: counts.completed,
            failed: counts.failed,
            cancelled: counts.waiting + counts.active,
            total: counts.total
        )
        try database.execute(
            sql: """
                UPDATE job SET status = 'cancelled', error = NULL
                WHERE batchSequence = ? AND status = 'waiting'
                """,
            arguments: [sequence]
        )
        var batch = self
        batch.status = .cancelled
        batch.finishedAt = time
        batch.cancellation = cancellation
        try batch.update(database)
        return cancellation
    }
}
