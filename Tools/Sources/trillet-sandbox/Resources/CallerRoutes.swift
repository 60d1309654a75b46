import GRDB
import Hummingbird

/// Fixing what the people at some numbers say and do.
struct CallerRoutes: Sendable {
    let store: Store

    private static let path = "/sandbox/callers"

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, CallerRoutes.path) { _ in try await list() },
            ControlRoute(.delete, CallerRoutes.path) { _ in
                try await store.write { try $0.execute(sql: "DELETE FROM caller") }
                return try await list()
            },
            ControlRoute(.put, CallerRoutes.path + "/{number}", put),
            ControlRoute(.delete, CallerRoutes.path + "/{number}", remove),
        ]
    }

    private func list() async throws -> Response {
        let callers = try await store.read { database in
            try CallerRecord.fetchAll(database, sql: "SELECT * FROM caller ORDER BY number")
                .compactMap { record in
                    let fields = try JSON(parsing: record.document).objectValue
                    return try fields.map { try Caller(at: record.number, $0).json }
                }
        }
        return Answer(["callers": .array(callers.map(JSON.object))]).response
    }

    @Sendable private func put(_ exchange: ControlExchange) async throws -> Response {
        let caller = try Caller(at: exchange.parameter("number"), await exchange.jsonObject())
        let record = CallerRecord(number: caller.number, document: JSON.object(caller.json).text)
        try await store.write { database in
            try database.execute(
                cached: "INSERT OR REPLACE INTO caller (number, document) VALUES (?, ?)",
                arguments: [record.number, record.document]
            )
            guard try CallerRecord.fetchCount(database) <= CallerRecord.most else {
                throw Failure.control("There are \(CallerRecord.most) callers already; delete some")
            }
        }
        return Answer(caller.json).response
    }

    @Sendable private func remove(_ exchange: ControlExchange) async throws -> Response {
        let number = exchange.parameter("number")
        try await store.write { database in
            guard try CallerRecord.deleteOne(database, key: number) else {
                throw Failure.missing("Caller", id: number)
            }
        }
        return try await list()
    }
}

extension Caller {
    private static let members = ["says", "answers", "answersAfter", "number"]

    /// - Throws: ``Failure`` 400 naming the member that cannot be used.
    init(at number: String, _ fields: JSONObject) throws {
        guard TelephoneNumber.isValid(number) else {
            throw Failure.control(
                "The number must be in E.164 form such as +15005551000, not \"\(number)\""
            )
        }
        guard MagicNumber.behaviour(of: number) == nil else {
            throw Failure.control(
                "\(number) is a magic number, whose calls go as its digits say; use another"
            )
        }
        if let unknown = fields.keys.first(where: { !Caller.members.contains($0) }) {
            throw Failure.control(
                "\"\(unknown)\" is not known; there are says, answers, answersAfter"
            )
        }
        self.number = number
        answer = try Caller.answer(fields["answers"] ?? .string(Answer.person.rawValue))
        answersAfter = try Caller.seconds(
            fields["answersAfter"] ?? .number(Caller.usualAnswer),
            "answersAfter",
            atMost: Caller.latestAnswer
        )
        guard let says = (fields["says"] ?? []).arrayValue, says.count <= Caller.mostSteps else {
            throw Failure.control("says must be an array of at most \(Caller.mostSteps) steps")
        }
        steps = try says.enumerated().map { try Caller.step($0.element, "says[\($0.offset)]") }
        guard answer == .person || steps.isEmpty else {
            throw Failure.control("Only a person says something; answers is \(answer.rawValue)")
        }
    }

    /// As answers show it.
    var json: JSONObject {
        [
            "number": .string(number), "answers": .string(answer.rawValue),
            "answersAfter": .number(answersAfter),
            "says": .array(
                steps.map { step in
                    switch step {
                    case .says(let text): .string(text)
                    case .isSilent(let seconds): ["silence": .number(seconds)]
                    }
                }
            ),
        ]
    }

    private static func answer(_ value: JSON) throws -> Answer {
        guard let answer = value.stringValue.flatMap(Answer.init) else {
            let known = Answer.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.control("answers must be one of \(known), not \(value.text)")
        }
        return answer
    }

    private static func step(_ value: JSON, _ path: String) throws -> Step {
        if let text = value.stringValue {
            guard (1...longestSpeech).contains(text.utf8.count) else {
                throw Failure.control("\(path) must have 1 to \(longestSpeech) bytes")
            }
            return .says(text)
        }
        guard let object = value.objectValue, object.keys == ["silence"],
            let silence = object["silence"]
        else {
            throw Failure.control("\(path) must be a text or {\"silence\": seconds}")
        }
        return .isSilent(try seconds(silence, path + ".silence", atMost: CallScript.longestCall))
    }

    private static func seconds(_ value: JSON, _ path: String, atMost most: Int64) throws -> Int64 {
        guard let seconds = value.intValue.map(Int64.init), (1...most).contains(seconds) else {
            throw Failure.control("\(path) must be a whole number of seconds from 1 to \(most)")
        }
        return seconds
    }
}
