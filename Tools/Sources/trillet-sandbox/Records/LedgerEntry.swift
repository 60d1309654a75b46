/// All attempts with one request identifier at one operation.
struct LedgerEntry: Sendable {
    /// One arrival of the request.
    struct Attempt: Sendable {
        /// Real time in Unix milliseconds.
        let at: Int64
        /// The port the connection came from.
        let connection: Int
        let fault: String?
        var wasReadWhole: Bool
        var effect: Ledger.Effect?
        /// 0 until there is an answer.
        var status = 0
        var answer = Ledger.AnswerState.none
    }

    /// Who repeats one request without end must not fill the memory; the counts go on.
    private static let mostAttempts = 100

    let method: String
    let path: String
    private var attempts: [Attempt] = []
    private var received = 0
    private var effects = 0
    private var answered = 0

    init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    /// Returns the attempt's index; beyond the first hundred only counts are kept.
    mutating func add(_ attempt: Attempt) -> Int {
        received += 1
        if attempts.count < LedgerEntry.mostAttempts { attempts.append(attempt) }
        return received - 1
    }

    mutating func change(_ index: Int, _ body: (inout Attempt) -> Void) {
        var attempt =
            index < attempts.count
            ? attempts[index] : Attempt(at: 0, connection: 0, fault: nil, wasReadWhole: false)
        let (hadEffect, wasAnswered) = (attempt.effect != nil, attempt.answer == .complete)
        body(&attempt)
        if !hadEffect, attempt.effect != nil { effects += 1 }
        if !wasAnswered, attempt.answer == .complete { answered += 1 }
        if index < attempts.count { attempts[index] = attempt }
    }

    func json(_ key: Ledger.Key) -> JSONObject {
        [
            "requestId": .string(key.requestId), "operation": .string(key.operation),
            "method": .string(method), "path": .string(path), "received": .number(received),
            "effects": .number(effects), "answered": .number(answered),
            "attempts": .array(attempts.map { .object($0.json) }),
        ]
    }
}

extension LedgerEntry.Attempt {
    fileprivate var json: JSONObject {
        [
            "at": .number(at), "connection": .number(connection), "complete": .bool(wasReadWhole),
            "effect": effect.map { ["kind": .string($0.kind), "id": .string($0.id)] } ?? .null,
            "fault": fault.map(JSON.string) ?? .null,
            "status": status == 0 ? .null : .number(status), "answer": .string(answer.rawValue),
        ]
    }
}
