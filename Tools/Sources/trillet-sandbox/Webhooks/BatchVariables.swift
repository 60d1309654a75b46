import Logging

/// A call of a batch that is about to be dialled, for the one who knows its variables.
struct PreCallQuestion: Hashable, Sendable {
    struct Key: Hashable, Sendable {
        let job: Int64
        let attempt: Int
    }

    let key: Key
    let url: String
    let number: String
    let agentId: String
    let flowId: String
}

/// The variables of a batch's calls, asked for outside all transactions and once for each call,
/// whoever moves time along. docs/decisions.md, pre-call-outside.
actor BatchVariables {
    private struct Asked: Hashable {
        /// Of the clock: a reset gives the numbers of jobs again.
        let generation: Int
        let question: PreCallQuestion
    }

    private let preCall: PreCall
    private let logger: Logger
    private var asked: [Asked: Task<JSONObject, Never>] = [:]
    private var order: [Asked] = []

    /// A call is dialled soon after; an older answer is of no use.
    private static let mostKept = 512

    init(preCall: PreCall, logger: Logger) {
        self.preCall = preCall
        self.logger = logger
    }

    /// Asks all of them at the same time.
    ///
    /// - Throws: `CancellationError` when the sandbox ends meanwhile.
    func answers(to questions: [PreCallQuestion], generation: Int) async throws
        -> [PreCallQuestion.Key: JSONObject]
    {
        let tasks = questions.map { ($0.key, task(for: $0, generation)) }
        var answers: [PreCallQuestion.Key: JSONObject] = [:]
        for (key, task) in tasks {
            answers[key] = await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
        }
        try Task.checkCancellation()
        return answers
    }

    private func task(for question: PreCallQuestion, _ generation: Int)
        -> Task<JSONObject, Never>
    {
        let key = Asked(generation: generation, question: question)
        if let known = asked[key] { return known }
        let task = Task { [preCall, logger] in
            let reply = await preCall.ask(question)
            if let error = reply.error, !Task.isCancelled {
                logger.warning(
                    "The pre-call webhook gave no variables for call_\(question.key.job): \(error)"
                )
            }
            return reply.variables ?? JSONObject()
        }
        asked[key] = task
        order.append(key)
        if order.count > BatchVariables.mostKept { asked[order.removeFirst()] = nil }
        return task
    }
}
