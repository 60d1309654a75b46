import GRDB

/// Moves the batches of one workspace along simulated time: ends calls, dials waiting jobs as slots
/// become free, and finishes batches. Every event happens at its own moment, however late it is
/// looked at, so the course of a batch does not depend on how often that is.
struct Dialler {
    let workspace: String
    let seed: UInt64
    let concurrency: Int
    let webhooks: WebhookSettings
    /// What the pre-call webhooks have answered for calls that are about to be dialled.
    let answers: [PreCallQuestion.Key: JSONObject]

    /// What is left after an advance.
    struct Rest: Sendable {
        var hasMore = false
        /// To be asked before it goes on.
        var questions: [PreCallQuestion] = []

        static let none = Rest()
    }

    /// Works through at most `limit` events up to `now`.
    func advance(to now: Int64, limit: Int, _ database: Database) throws -> Rest {
        let until = try Int64.fetchOne(
            database,
            sql: "SELECT simulatedUntil FROM workspace WHERE id = ?",
            arguments: [workspace]
        )
        var moment = min(until ?? 0, SimulatedClock.latest)
        var active =
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM job WHERE workspaceId = ? AND status = 'active'",
                arguments: [workspace]
            ) ?? 0
        let lastSingle = try RunningCalls(workspace: workspace).lastEndOfSingles(database)
        var batches: [Int64: BatchRecord] = [:]
        var handled = 0
        var rest = Rest.none
        while handled < limit {
            let ending = try JobRecord.first(.active, in: workspace, by: now, database)
            let waiting =
                active < concurrency
                ? try JobRecord.first(.waiting, in: workspace, by: now, database) : nil
            let next = min(ending?.eventAt ?? .max, now + 1)
            if let job = waiting,
                let start = try place(
                    from: max(job.eventAt, moment),
                    before: next,
                    free: concurrency - active,
                    lastSingle: lastSingle,
                    database
                )
            {
                if try question(of: job, &batches, database) != nil {
                    rest.questions = try questions(concurrency - active, now, &batches, database)
                    break
                }
                moment = start
                try dial(job, at: moment, &batches, database)
                active += 1
            } else if let job = ending {
                moment = max(job.eventAt, moment)
                try end(job, &batches, database)
                active -= 1
            } else {
                break
            }
            handled += 1
        }
        rest.hasMore = handled == limit
        guard handled > 0 else { return rest }
        try database.execute(
            sql: "UPDATE workspace SET simulatedUntil = ? WHERE id = ?",
            arguments: [moment, workspace]
        )
        return rest
    }

    /// The first moment from `start` on when single calls leave one of the `free` places, `nil` when
    /// there is none before `end`.
    private func place(
        from start: Int64,
        before end: Int64,
        free: Int,
        lastSingle: Int64,
        _ database: Database
    ) throws -> Int64? {
        let running = RunningCalls(workspace: workspace)
        var moment = start
        while moment < min(end, lastSingle),
            let freed = try running.singlesBelow(free, at: moment, database)
        {
            moment = freed
        }
        return moment < end ? moment : nil
    }

    /// The batch of a job, read from the database once a transaction.
    func batch(
        of job: JobRecord,
        _ batches: inout [Int64: BatchRecord],
        _ database: Database
    ) throws -> BatchRecord {
        if let known = batches[job.batchSequence] { return known }
        let batch = try BatchRecord.find(database, key: job.batchSequence)
        batches[job.batchSequence] = batch
        return batch
    }

    private func dial(
        _ waiting: JobRecord,
        at moment: Int64,
        _ batches: inout [Int64: BatchRecord],
        _ database: Database
    ) throws {
        var job = waiting
        var batch = try batch(of: job, &batches, database)
        job.attempts += 1
        var call = try newCall(for: job, of: batch, at: moment, database)
        try call.insertRow(database)
        call.sequence = database.lastInsertedRowID
        try CallEvents(call, job: job, webhooks).record(for: [batch.script.webhook], database)
        job.status = .active
        job.startedAt = moment
        job.endedAt = nil
        job.error = nil
        job.eventAt = call.endsAt
        job.callId = call.id
        try job.updateCourse(database)
        if batch.status == .queued {
            batch.status = .processing
            batch.startedAt = moment
            try batch.update(database)
            batches[job.batchSequence] = batch
        }
    }

    private func newCall(
        for job: JobRecord,
        of batch: BatchRecord,
        at moment: Int64,
        _ database: Database
    ) throws -> CallRecord {
        var generator = SeededGenerator(key: [
            seed, UInt64(bitPattern: job.batchSequence), UInt64(bitPattern: Int64(job.row)),
            UInt64(bitPattern: Int64(job.attempts)),
        ])
        let script = batch.script
        let row = try JobRow(batch: batch, job: job)
            .adding(answers[.init(job: job.number ?? 0, attempt: job.attempts)])
        let settled = script.settled(
            to: job.phoneNumber,
            attempt: job.attempts,
            at: moment,
            variables: row.variables,
            caller: try CallerRecord.caller(at: job.phoneNumber, database),
            generator: &generator
        )
        let course = settled.course
        let endsAt = moment + course.duration * 1_000
        return CallRecord(
            id: identifier(for: job),
            workspaceId: workspace,
            agentId: batch.agentId,
            flowId: script.flowId,
            batchSequence: job.batchSequence,
            fromNumber: script.fromNumber,
            toNumber: job.phoneNumber,
            isRecorded: script.isRecorded,
            createdAt: moment,
            ringingAt: course.ringingAfter.map { moment + $0 } ?? endsAt,
            talkingAt: course.talkingAfter.map { moment + $0 },
            endsAt: endsAt,
            error: course.error,
            transcript: settled.transcript,
            variables: JSON.object(row.metadata).text,
            metadata: nil,
            callbackUrl: nil,
            conversation: settled.conversation
        )
    }

    /// The same for the same job and attempt, however the calls of several batches are mixed.
    private func identifier(for job: JobRecord) -> String {
        let attempts = 12
        guard let number = job.number, number < 1 << (51 - attempts), job.attempts < 1 << attempts
        else { return Identifier.call() }
        // The highest bit tells them from single calls.
        let position = 1 << 63 | UInt64(number) << attempts | UInt64(job.attempts)
        return Identifier.call(seed: seed, number: position)
    }

    private func end(
        _ active: JobRecord,
        _ batches: inout [Int64: BatchRecord],
        _ database: Database
    ) throws {
        var job = active
        let batch = try batch(of: job, &batches, database)
        let ending = try job.callId.flatMap { try CallRecord.ending(of: $0, database) }
        job.endedAt = job.eventAt
        if let error = ending?.0 {
            fail(&job, error, batch)
        } else {
            job.status = .completed
            job.duration = ending?.1
        }
        try job.updateCourse(database)
        guard !batch.status.isFinal else { return }
        batches[job.batchSequence] = try finishedIfDone(batch, at: job.endedAt, database)
    }

    private func fail(_ job: inout JobRecord, _ error: String, _ batch: BatchRecord) {
        let mayRedial =
            CallFailure(rawValue: error)?.isPermanent != true && batch.status != .cancelled
        if mayRedial, let gap = batch.redialling.gap(after: job.attempts) {
            job.status = .waiting
            job.eventAt += gap
            job.error = error
            return
        }
        job.status = .failed
        job.error = job.attempts > 1 ? "\(error) after \(job.attempts) attempts" : error
    }

    /// The batch as it is after one of its jobs has ended.
    private func finishedIfDone(_ batch: BatchRecord, at moment: Int64?, _ database: Database)
        throws -> BatchRecord
    {
        guard try !batch.hasJob(.active, database), try !batch.hasJob(.waiting, database) else {
            return batch
        }
        var finished = batch
        finished.status = try batch.hasJob(.completed, database) ? .completed : .failed
        finished.finishedAt = moment
        try finished.update(database)
        return finished
    }
}
