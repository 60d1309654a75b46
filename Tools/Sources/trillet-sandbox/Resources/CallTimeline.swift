import GRDB
import Hummingbird

extension CallRecord {
    /// The states that the call has reached by `time`, each with its moment in Unix milliseconds.
    func timeline(at time: Int64) -> JSON {
        var steps: [(CallState, Int64)] = [(.queued, createdAt)]
        if ringingAt < endsAt { steps.append((.ringing, ringingAt)) }
        if let talkingAt { steps.append((.talking, talkingAt)) }
        steps.append((.ended, endsAt))
        return .array(
            steps.filter { $0.1 <= time }.map {
                ["state": .string($0.0.rawValue), "at": .number($0.1)]
            }
        )
    }
}

/// Any call with its course, for people and tests.
struct CallControlRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/sandbox/calls/{id}", get)]
    }

    @Sendable private func get(_ exchange: ControlExchange) async throws -> Response {
        let id = exchange.parameter("id")
        let time = clock.now
        let callId = CallRecord.identifier(of: id)
        let call = try await store.read { database in
            try CallRecord.fetchOne(
                database,
                sql: "SELECT * FROM call WHERE id = ?",
                arguments: [callId]
            )
        }
        guard let call, id == call.id || id == call.roomName else {
            throw Failure(
                status: .notFound,
                title: "Not Found",
                detail: "There is no call \(id)",
                code: "not_found",
                shape: .nested
            )
        }
        return Answer(try call.whole(at: time)).response
    }
}

extension CallRecord {
    /// A room name is the agent's id, a dash and the call's id; either names the call.
    static func identifier(of name: String) -> String {
        name.split(separator: "-").last.map(String.init) ?? name
    }

    /// Everything known of the call at `time`. Times are Unix milliseconds, the duration seconds;
    /// what has not happened yet is null.
    fileprivate func whole(at time: Int64) throws -> JSONObject {
        let state = state(at: time)
        let hasEnded = state == .ended
        let answered = talkingAt.flatMap { time >= $0 ? $0 : nil }
        return [
            "id": .string(id), "roomName": .string(roomName),
            "workspaceId": .string(workspaceId), "agentId": .string(agentId),
            "flowId": .string(flowId),
            "batchId": batchSequence.map { .string(BatchRecord.identifier(sequence: $0)) } ?? .null,
            "fromNumber": .string(fromNumber), "toNumber": .string(toNumber),
            "status": .string(state.rawValue), "timeline": timeline(at: time),
            "createdAt": .number(createdAt), "answeredAt": answered.map(JSON.number) ?? .null,
            "endedAt": hasEnded ? .number(endsAt) : .null,
            "duration": hasEnded ? .number(duration) : .null,
            "outcome": hasEnded ? .string(error == nil ? "successful" : "failed") : .null,
            "error": hasEnded ? error.map(JSON.string) ?? .null : .null,
            "recorded": .bool(isRecorded && answered != nil),
            "transcript": hasEnded ? .string(transcript) : .null,
            "variables": try JSON(parsing: variables),
            "metadata": try metadata.map { try JSON(parsing: $0) } ?? .null,
            "callbackUrl": callbackUrl.map(JSON.string) ?? .null,
            "conversation": hasEnded ? heldConversation.map(JSON.object) ?? .null : .null,
        ]
    }
}
