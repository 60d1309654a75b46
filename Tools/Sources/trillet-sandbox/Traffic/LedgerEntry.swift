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

    let key: Ledger.Key
    private let method: String
    private let path: String
    /// Apart from the others: hardly any request has more than one.
    private var first: Attempt
    private var others: [Attempt] = []
    private var received = 1
    private var effects = 0
    private var answered = 0

    init(key: Ledger.Key, method: String, path: String, first: Attempt) {
        self.key = key
        self.method = method
        self.path = path
        self.first = first
    }

    /// About as many bytes as the entry holds on to, however its attempts end.
    var size: Int {
        512 + path.utf8.count + key.requestId.utf8.count
            + others.count * (MemoryLayout<Attempt>.stride + 64)
    }

    /// Returns the attempt's index; beyond the first hundred only counts are kept.
    mutating func add(_ attempt: Attempt) -> Int {
        received += 1
        if received <= LedgerEntry.mostAttempts { others.append(attempt) }
        return received - 1
    }

    mutating func readWhole(_ index: Int) {
        change(index) { $0.wasReadWhole = true }
    }

    mutating func hadEffect(_ effect: Ledger.Effect, _ index: Int) {
        effects += 1
        change(index) { $0.effect = effect }
    }

    mutating func ended(_ status: Int, _ answer: Ledger.AnswerState, _ index: Int) {
        if answer == .complete { answered += 1 }
        change(index) { attempt in
            attempt.status = status
            attempt.answer = answer
        }
    }

    private mutating func change(_ index: Int, _ body: (inout Attempt) -> Void) {
        if index == 0 {
            body(&first)
        } else if index <= others.count {
            body(&others[index - 1])
        }
    }

    var json: JSONObject {
        [
            "requestId": .string(key.requestId), "operation": .string(key.operation),
            "method": .string(method), "path": .string(path), "received": .number(received),
            "effects": .number(effects), "answered": .number(answered),
            "attempts": .array(([first] + others).map { .object($0.json) }),
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
