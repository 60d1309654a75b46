import Foundation

extension Calls {
    /// Follows a call until it has ended.
    ///
    ///     let call = try await client.calls.send(agentId: agent, toNumber: number)
    ///     let end = try await client.calls.wait(call)
    ///     print(end.outcome ?? "", end.record?.transcript ?? [])
    ///
    /// It polls the call history within the limits of the client, and survives faults that pass. No
    /// thread waits. Cancelling the task ends the wait at any time; the call goes on.
    ///
    /// - Parameters:
    ///   - call: What `send` returned, or a ``CallName``.
    ///   - follow: Deadline, intervals, and when a call counts as lost.
    ///   - options: What each look does differently from the client.
    ///   - progress: Is called after each look; `stop` ends the wait.
    /// - Returns: How the call ended. One that is `lost` or `ambiguous` was not found.
    /// - Throws: `timeout` at the deadline, with the state so far in the error's body; `cancelled`
    ///   when the task was cancelled or the client closed; errors of the service that do not pass.
    @discardableResult
    public func wait(
        _ call: some FollowableCall,
        follow: CallFollowOptions = CallFollowOptions(),
        options: RequestOptions? = nil,
        progress: (@Sendable (CallsUpdate) -> FollowStep)? = nil
    ) async throws(TrilletError) -> CallEnd {
        let request = WaitRequest(follow: follow, data: call.name)
        return try await followed("calls.wait", request, options, progress)
    }

    /// Follows many calls until all have ended; one look asks for up to 100 of them.
    ///
    /// - Parameters:
    ///   - calls: What `send` returned, or ``CallName``s.
    ///   - follow: Deadline, intervals, and when a call counts as lost.
    ///   - options: What each look does differently from the client.
    ///   - progress: Is told whose state has changed; `stop` ends the wait.
    /// - Returns: How each call ended, in the order given.
    /// - Throws: As for one call, with the states of all calls in the error's body.
    @discardableResult
    public func wait(
        _ calls: [some FollowableCall],
        follow: CallFollowOptions = CallFollowOptions(),
        options: RequestOptions? = nil,
        progress: (@Sendable (CallsUpdate) -> FollowStep)? = nil
    ) async throws(TrilletError) -> CallsEnd {
        let request = WaitRequest(follow: follow, calls: calls.map(\.name))
        return try await followed("calls.wait", request, options, progress)
    }

    /// Says whether the phone rang, after `send` threw an error whose `sent` is `maybe`.
    ///
    /// Call again only if `found` is `no`: then the whole history since the request was read, at
    /// least `settle` after this began, and it has no such call.
    ///
    /// - Parameters:
    ///   - error: What `send` threw.
    ///   - settle: How late a call may appear in the history. Default: 30 s.
    ///   - deadline: How long to try. Default: 120 s more than `settle`.
    ///   - options: What each request does differently from the client.
    /// - Returns: Whether there was such a call, and its record.
    /// - Throws: `invalidArgument` for an error that is about no call; `cancelled` when the task was
    ///   cancelled or the client closed; errors of the service that do not pass.
    public func find(
        _ error: TrilletError,
        settle: Duration? = nil,
        deadline: Duration? = nil,
        options: RequestOptions? = nil
    ) async throws(TrilletError) -> CallFound {
        let request = FindRequest(
            follow: CallFollowOptions(deadline: deadline, settle: settle),
            find: error.find
        )
        return try await followed("calls.find", request, options, nil)
    }

    /// Says whether there was a call of an agent to a number, for a program that did not keep the
    /// error.
    public func find(
        agentId: String,
        toNumber: String,
        since: Date,
        settle: Duration? = nil,
        deadline: Duration? = nil,
        options: RequestOptions? = nil
    ) async throws(TrilletError) -> CallFound {
        let name = CallName(agentId: agentId, toNumber: toNumber, time: since)
        let request = FindRequest(
            follow: CallFollowOptions(deadline: deadline, settle: settle),
            find: name
        )
        return try await followed("calls.find", request, options, nil)
    }

    private func followed<End: Decodable & Sendable>(
        _ operation: String,
        _ request: some Encodable,
        _ options: RequestOptions?,
        _ progress: (@Sendable (CallsUpdate) -> FollowStep)?
    ) async throws(TrilletError) -> End {
        let handle = client.handle
        let pager = try Pager(
            handle,
            operation,
            try jsonText(request, of: operation),
            try jsonText(options, for: operation)
        )
        while true {
            let answer = try await handle.page(of: pager, operation)
            switch try Envelope.response(answer, as: CallsReport<End>.self).data {
            case .end(let end): return end
            case .update(let update):
                if progress?(update) == .stop { pager.stop() }
            }
        }
    }
}

/// What a look brings: how the calls stand, or what became of them.
private enum CallsReport<End: Decodable & Sendable>: Decodable, Sendable {
    case update(CallsUpdate)
    case end(End)

    private enum Keys: String, CodingKey {
        case endedBy, found
    }

    init(from decoder: any Decoder) throws {
        let report = try decoder.container(keyedBy: Keys.self)
        self =
            report.contains(.endedBy) || report.contains(.found)
            ? .end(try End(from: decoder)) : .update(try CallsUpdate(from: decoder))
    }
}

private struct WaitRequest: Encodable {
    let follow: CallFollowOptions
    var data: CallName?
    var calls: [CallName]?

    func encode(to encoder: any Encoder) throws {
        try follow.encode(to: encoder)
        var fields = FieldWriter(encoder)
        try fields.write("data", data)
        try fields.write("calls", calls)
    }
}

private struct FindRequest<Name: Encodable>: Encodable {
    let follow: CallFollowOptions
    let find: Name?

    func encode(to encoder: any Encoder) throws {
        try follow.encode(to: encoder)
        var fields = FieldWriter(encoder)
        try fields.write("find", find)
    }
}
