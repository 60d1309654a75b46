import GRDB

/// Moves the batches of one workspace along simulated time: ends calls, dials waiting jobs as slots
/// become free, and finishes batches. Every event happens at its own moment, however late it is
/// looked at, so the course of a batch does not depend on how often that is.
struct Dialler {
    let workspace: String
    let seed: UInt64
    let concurrency: Int

    /// Works through at most `limit` events up to `now`. Returns whether any may be left.
    func advance(to now: Int64, limit: Int, _ database: Database) throws -> Bool {
        var moment =
            try Int64.fetchOne(
                database,
                sql: "SELECT simulatedUntil FROM workspace WHERE id = ?",
                arguments: [workspace]
            ) ?? 0
        var active =
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM job WHERE workspaceId = ? AND status = 'active'",
                arguments: [workspace]
            ) ?? 0
        var handled = 0
        while handled < limit {
            let ending = try first(.active, now, database)
            let waiting = active < concurrency ? try first(.waiting, now, database) : nil
            if let job = waiting, ending.map({ max(job.eventAt, moment) < $0.eventAt }) ?? true {
                moment = max(job.eventAt, moment)
                try dial(job, at: moment, database)
                active += 1
            } else if let job = ending {
                moment = max(job.eventAt, moment)
                try end(job, database)
                active -= 1
            } else {
                break
            }
            handled += 1
        }
        guard handled > 0 else { return false }
        try database.execute(
            sql: "UPDATE workspace SET simulatedUntil = ? WHERE id = ?",
            arguments: [moment, workspace]
        )
        return handled == limit
    }

    private func first(_ status: JobStatus, _ now: Int64, _ database: Database) throws -> JobRecord?
    {
        let statement = try database.cachedStatement(
            sql: """
                SELECT * FROM job WHERE workspaceId = ? AND status = ? AND eventAt <= ?
                ORDER BY eventAt, number LIMIT 1
                """
        )
        return try JobRecord.fetchOne(statement, arguments: [workspace, status.rawValue, now])
    }

    private func batch(of job: JobRecord, _ database: Database) throws -> BatchRecord {
        try BatchRecord.find(database, key: job.batchSequence)
    }

    private func dial(_ waiting: JobRecord, at moment: Int64, _ database: Database) throws {
        var job = waiting
        var batch = try batch(of: job, database)
        job.attempts += 1
        let call = try newCall(for: job, of: batch, at: moment)
        try call.insert(database)
        try CallEvents(call, job: job).record(for: [batch.script.webhook], database)
        job.status = .active
        job.startedAt = moment
        job.endedAt = nil
        job.error = nil
        job.eventAt = call.endsAt
        job.callId = call.id
        try job.update(database)
        if batch.status == .queued {
            batch.status = .processing
            batch.startedAt = moment
            try batch.update(database)
        }
    }

    private func newCall(for job: JobRecord, of batch: BatchRecord, at moment: Int64) throws
        -> CallRecord
    {
        var generator = SeededGenerator(key: [
            seed, UInt64(job.batchSequence), UInt64(job.row), UInt64(job.attempts),
        ])
        let script = batch.script
        let course = CallCourse(generator: &generator, limit: script.maxCallDuration)
        let row = try JobRow(batch: batch, job: job)
        return CallRecord(
            id: "call_" + Identifier.call(),
            workspaceId: workspace,
            agentId: batch.agentId,
            flowId: script.flowId,
            batchSequence: job.batchSequence,
            fromNumber: script.fromNumber,
            toNumber: job.phoneNumber,
            isRecorded: script.isRecorded,
            createdAt: moment,
            ringingAt: moment + course.ringingAfter,
            talkingAt: course.talkingAfter.map { moment + $0 },
            endsAt: moment + course.duration * 1_000,
            error: course.error,
            transcript: script.transcript(variables: row.variables, ending: course.ending),
            variables: JSON.object(row.metadata).text,
            metadata: nil,
            callbackUrl: nil
        )
    }

    private func end(_ active: JobRecord, _ database: Database) throws {
        var job = active
        let batch = try batch(of: job, database)
        let call = try job.callId.flatMap {
            try CallRecord.find(id: $0, workspace: workspace, database)
        }
        job.endedAt = job.eventAt
        if let error = call?.error {
            try fail(&job, error, batch)
        } else {
            job.status = .completed
            job.duration = call?.duration
        }
        try job.update(database)
        if !batch.status.isFinal { try finishIfDone(batch, at: job.endedAt, database) }
    }

    private func fail(_ job: inout JobRecord, _ error: String, _ batch: BatchRecord) throws {
        let mayRedial = error != CallCourse.permanentError && batch.status != .cancelled
        if mayRedial, let gap = batch.redialling.gap(after: job.attempts) {
            job.status = .waiting
            job.eventAt += gap
            job.error = error
            return
        }
        job.status = .failed
        job.error = job.attempts > 1 ? "\(error) after \(job.attempts) attempts" : error
    }

    private func finishIfDone(_ batch: BatchRecord, at moment: Int64?, _ database: Database) throws
    {
        guard try !batch.hasJob(.active, database), try !batch.hasJob(.waiting, database) else {
            return
        }
        var finished = batch
        finished.status = try batch.hasJob(.completed, database) ? .completed : .failed
        finished.finishedAt = moment
        try finished.update(database)
    }
}
