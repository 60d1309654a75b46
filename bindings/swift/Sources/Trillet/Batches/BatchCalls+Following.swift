extension BatchCalls {
    /// Follows a batch until it has ended.
    ///
    ///     let end = try await client.batchCalls.wait(batchId: id) { update in
    ///         print(update.completed ?? 0, "of", update.total ?? 0)
    ///         return .goOn
    ///     }
    ///
    /// How often it looks follows the pace of the batch and the limits of the client. Faults that pass
    /// are ridden out. Cancelling the task ends the wait at any time; the batch goes on.
    ///
    /// - Parameters:
    ///   - batchId: The batch's id.
    ///   - follow: Deadline, intervals, and what counts as stuck.
    ///   - options: What each look does differently from the client.
    ///   - progress: Is called after each look, on a thread of its own; `stop` ends the wait.
    /// - Returns: The last state.
    /// - Throws: `timeout` at the deadline, with the last state in the error's body; `cancelled` when
    ///   the task was cancelled or the client closed; errors of the service that do not pass.
    @discardableResult
    public func wait(
        batchId: String,
        follow: FollowOptions = FollowOptions(),
        options: RequestOptions? = nil,
        progress: (@Sendable (BatchUpdate) -> FollowStep)? = nil
    ) async throws(TrilletError) -> BatchEnd {
        let request = FollowRequest(batchId: batchId, follow: follow)
        return try await followed(.wait, request, options, progress)
    }

    /// Writes the outcome of every call of a batch to a file.
    ///
    /// A call is written once, when its outcome is final: completed, failed, or never dialled because
    /// the batch ended before.
    ///
    /// - Parameters:
    ///   - batchId: The batch's id.
    ///   - file: Where to write.
    ///   - format: `csv` or `jsonl`; by default what the file's name ends with.
    ///   - status: Only `completed`, `failed` or `waiting` calls, the last being those that were never
    ///     dialled.
    ///   - wait: Whether to follow the batch to its end. Default: what is final now.
    ///   - resume: Whether to go on with a file that an earlier run left. Without it an existing file
    ///     is an error.
    ///   - follow: Deadline, intervals, and what counts as stuck.
    ///   - options: What each request does differently from the client.
    ///   - progress: As for `wait`, after each page too.
    /// - Returns: What was written.
    /// - Throws: As `wait`, and `invalidArgument` for a file that cannot be written or is not of this
    ///   batch. What has been written stays, for `resume`. After a cancelled task the request that is
    ///   under way may still write a page.
    @discardableResult
    public func writeResults(
        batchId: String,
        to file: String,
        format: String? = nil,
        status: BatchCallStatus? = nil,
        wait: Bool = false,
        resume: Bool = false,
        follow: FollowOptions = FollowOptions(),
        options: RequestOptions? = nil,
        progress: (@Sendable (BatchUpdate) -> FollowStep)? = nil
    ) async throws(TrilletError) -> ResultsEnd {
        let request = FollowRequest(
            batchId: batchId,
            follow: follow,
            file: file,
            format: format,
            status: status,
            wait: wait,
            resume: resume
        )
        return try await followed(.results, request, options, progress)
    }

    /// The calls of a batch whose outcome is final, one by one.
    ///
    ///     for try await call in client.batchCalls.results(batchId: id, status: .failed) {
    ///         print(call.phoneNumber, call.error ?? "")
    ///     }
    ///
    /// With `wait` they come while the batch is running, and the loop ends with it. None is missed
    /// and none comes twice.
    public func results(
        batchId: String,
        status: BatchCallStatus? = nil,
        wait: Bool = false,
        follow: FollowOptions = FollowOptions(),
        options: RequestOptions? = nil
    ) -> BatchResults {
        BatchResults(
            client.handle,
            FollowRequest(batchId: batchId, follow: follow, status: status, wait: wait),
            options
        )
    }

    private func followed<End: Decodable & Sendable>(
        _ function: Following.Function,
        _ request: FollowRequest,
        _ options: RequestOptions?,
        _ progress: (@Sendable (BatchUpdate) -> FollowStep)?
    ) async throws(TrilletError) -> End {
        let following = Following(client.handle, function) { update, _ in
            progress?(update) ?? .goOn
        }
        let answer = try await following.answer(
            try jsonText(request, of: function.operation),
            try jsonText(options, for: function.operation)
        )
        return try Envelope.response(answer, as: End.self).data
    }
}

/// What the functions that follow a batch take.
struct FollowRequest: Sendable, Encodable {
    var batchId: String
    var follow: FollowOptions
    var file: String?
    var format: String?
    var status: BatchCallStatus?
    var wait: Bool?
    var resume: Bool?

    func encode(to encoder: any Encoder) throws {
        try follow.encode(to: encoder)
        var fields = FieldWriter(encoder)
        try fields.write("batchId", batchId)
        try fields.write("file", file)
        try fields.write("format", format)
        try fields.write("status", status)
        try fields.write("wait", wait)
        try fields.write("resume", resume)
    }
}
