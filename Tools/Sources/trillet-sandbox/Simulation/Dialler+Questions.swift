import GRDB

/// Who knows the variables of a batch's calls is asked before they are dialled.
extension Dialler {
    /// What must be asked before a job is dialled; `nil` when nothing is, or the answer is there.
    func question(
        of job: JobRecord,
        _ batches: inout [Int64: BatchRecord],
        _ database: Database
    ) throws -> PreCallQuestion? {
        let batch = try batch(of: job, &batches, database)
        let key = PreCallQuestion.Key(job: job.number ?? 0, attempt: job.attempts + 1)
        guard let url = batch.script.preCall, answers[key] == nil else { return nil }
        return PreCallQuestion(
            key: key,
            url: url,
            number: job.phoneNumber,
            agentId: batch.agentId,
            flowId: batch.script.flowId
        )
    }

    /// Of all jobs that may be dialled next, so that they are asked together: there are as many as
    /// places.
    func questions(
        _ places: Int,
        _ now: Int64,
        _ batches: inout [Int64: BatchRecord],
        _ database: Database
    ) throws -> [PreCallQuestion] {
        var questions: [PreCallQuestion] = []
        for job in try JobRecord.next(places, in: workspace, by: now, database) {
            if let question = try question(of: job, &batches, database) {
                questions.append(question)
            }
        }
        return questions
    }
}
