import GRDB

/// The calls of a batch: list them, look at one.
struct BatchCallRoutes: Sendable {
    let store: Store

    var routes: [Route] {
        let calls = RoutePrefix.batches + "/{batchId}/calls"
        return [
            Route(.get, calls, "batch_calls.list_calls", list),
            Route(.get, calls + "/{jobId}", "batch_calls.get_call", get),
        ]
    }

    @Sendable private func list(_ exchange: Exchange) async throws -> Answer {
        let id = exchange.parameter("batchId")
        let workspace = exchange.workspace
        let paging = try Paging(exchange)
        let filter = try filter(exchange)
        let answer: JSONObject = try await store.read { database in
            guard let batch = try BatchRecord.find(id: id, workspace: workspace, database) else {
                throw Failure.notFound("Batch", id: id)
            }
            let counts = try JobCounts(batch: batch, database)
            let jobs = try JobRecord.fetchAll(
                database,
                sql: """
                    SELECT * FROM job
                    WHERE batchSequence = :batch AND (:status IS NULL OR status = :status)
                    ORDER BY number LIMIT :limit OFFSET :offset
                    """,
                arguments: [
                    "batch": batch.sequence, "status": filter?.rawValue,
                    "limit": paging.slice.limit, "offset": paging.slice.offset,
                ]
            )
            return [
                "calls": .array(try jobs.map { try entry($0, batch) }),
                "pagination": paging.json(total: counts.count(of: filter)),
                "summary": .object(counts.summary),
            ]
        }
        return Answer(answer)
    }

    /// The state the calls must be in, `nil` for all of them.
    private func filter(_ exchange: Exchange) throws -> JobStatus? {
        let wanted = exchange.query("status") ?? "all"
        if wanted == "all" { return nil }
        guard let status = JobStatus(rawValue: wanted), status != .cancelled else {
            throw Failure.invalid(
                "status must be all, waiting, active, completed or failed, not \"\(wanted)\""
            )
        }
        return status
    }

    private func entry(_ job: JobRecord, _ batch: BatchRecord) throws -> JSON {
        var entry = job.course
        entry["metadata"] = .object(try JobRow(batch: batch, job: job).metadata)
        return .object(entry)
    }

    @Sendable private func get(_ exchange: Exchange) async throws -> Answer {
        let batchId = exchange.parameter("batchId")
        let jobId = exchange.parameter("jobId")
        let workspace = exchange.workspace
        let answer: JSONObject? = try await store.read { database in
            guard
                let batch = try BatchRecord.find(id: batchId, workspace: workspace, database),
                let job = try JobRecord.find(id: jobId, batch: batch, database)
            else { return nil }
            return try detail(job, batch, database)
        }
        guard let answer else {
            throw Failure(
                status: .notFound,
                title: "Call not found",
                detail: "Call \(jobId) is not part of batch \(batchId)",
                shape: .call
            )
        }
        return Answer(answer)
    }

    private func detail(_ job: JobRecord, _ batch: BatchRecord, _ database: Database) throws
        -> JSONObject
    {
        var detail = job.course
        guard job.status == .completed, let callId = job.callId,
            let call = try CallRecord.find(id: callId, workspace: batch.workspaceId, database)
        else { return detail }
        detail["result"] = [
            "callId": .string(call.id), "transcript": .string(call.transcript),
            "outcome": "successful",
            "metadata": .object(try JobRow(batch: batch, job: job).metadata),
        ]
        return detail
    }
}

extension JobRecord {
    /// Who is called and how far the call has come.
    fileprivate var course: JSONObject {
        var course: JSONObject = [
            "jobId": .string(id), "status": .string(status.rawValue),
            "phone_number": .string(phoneNumber),
        ]
        if status != .waiting { course["startTime"] = startedAt.map { .number($0) } }
        if status == .completed || status == .failed {
            course["endTime"] = endedAt.map { .number($0) }
        }
        if status == .completed { course["duration"] = duration.map { .number($0) } }
        if status == .failed { course["error"] = error.map(JSON.string) }
        return course
    }
}

extension JobCounts {
    /// - Parameter status: `nil` for all jobs, dropped ones included.
    fileprivate func count(of status: JobStatus?) -> Int {
        switch status {
        case .waiting: waiting
        case .active: active
        case .completed: completed
        case .failed: failed
        case .cancelled: total - waiting - active - completed - failed
        case nil: total
        }
    }

    fileprivate var summary: JSONObject {
        [
            "total": .number(total), "waiting": .number(waiting), "active": .number(active),
            "completed": .number(completed), "failed": .number(failed),
        ]
    }
}
