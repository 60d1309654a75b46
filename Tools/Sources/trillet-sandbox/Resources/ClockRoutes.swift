import Hummingbird

/// Reading and steering simulated time.
struct ClockRoutes: Sendable {
    let store: Store
    let clock: SimulatedClock
    let scheduler: Scheduler

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, "/sandbox/clock", read),
            ControlRoute(.post, "/sandbox/clock", steer),
        ]
    }

    @Sendable private func read(_ exchange: ControlExchange) async throws -> Response {
        Answer(clock.reading.json).response
    }

    /// Answers when everything up to the new time has happened, so that nobody needs to wait.
    @Sendable private func steer(_ exchange: ControlExchange) async throws -> Response {
        let change = try ClockRoutes.change(try await exchange.jsonObject())
        let reading: SimulatedClock.Reading
        do {
            reading = try clock.apply(change)
        } catch .backwards(let now) {
            throw Failure.control(
                "Time does not run backwards: it is \(Timestamp.text(now)). A reset takes it back."
            )
        } catch .tooLate {
            throw Failure.control(
                "The last moment is \(Timestamp.text(SimulatedClock.latest))"
            )
        }
        try await store.write { try Setting.saveClock(reading, $0) }
        try await scheduler.advance()
        return Answer(clock.reading.json).response
    }

    private static let members = ["speed", "paused", "advanceMs", "jumpTo"]

    private static func change(_ body: JSONObject) throws -> SimulatedClock.Change {
        if let unknown = body.keys.first(where: { !members.contains($0) }) {
            throw Failure.control(
                "\"\(unknown)\" is not known; use \(members.joined(separator: ", "))"
            )
        }
        var change = SimulatedClock.Change()
        if let value = body["speed"] {
            guard let speed = value.doubleValue, SimulatedClock.allowedSpeeds.contains(speed) else {
                throw Failure.control("speed must be above 0 and at most 1000000")
            }
            change.speed = speed
        }
        if let value = body["paused"] {
            guard let isPaused = value.boolValue else {
                throw Failure.control("paused must be true or false")
            }
            change.isPaused = isPaused
        }
        if let value = body["advanceMs"] {
            guard let length = value.intValue, length >= 0 else {
                throw Failure.control("advanceMs must be a whole number of milliseconds, 0 or more")
            }
            change.move = .step(Int64(length))
        }
        if let value = body["jumpTo"] {
            guard change.move == nil else {
                throw Failure.control("Use advanceMs or jumpTo, not both")
            }
            change.move = .jump(try moment(value))
        }
        return change
    }

    private static func moment(_ value: JSON) throws -> Int64 {
        if let milliseconds = value.intValue { return Int64(milliseconds) }
        guard let moment = value.stringValue.flatMap(Timestamp.parseWithFraction) else {
            throw Failure.control(
                "jumpTo must be a time in UTC such as 2031-03-04T15:00:00Z, or Unix milliseconds"
            )
        }
        return moment
    }
}

extension SimulatedClock.Reading {
    fileprivate var json: JSONObject {
        [
            "now": .number(now), "time": .string(Timestamp.text(now)), "speed": .number(speed),
            "paused": .bool(isPaused),
        ]
    }
}

extension Failure {
    /// A request to a control that cannot be done.
    static func control(_ message: String) -> Failure {
        Failure(
            status: .badRequest,
            title: "Bad Request",
            detail: message,
            code: "bad_request",
            shape: .nested
        )
    }

    /// A control route's 404.
    static func missing(_ kind: String, id: String) -> Failure {
        var failure = Failure.notFound(kind, id: id)
        failure.detail = "There is no \(kind.lowercased()) \(id)"
        failure.code = "not_found"
        failure.shape = .nested
        return failure
    }
}
