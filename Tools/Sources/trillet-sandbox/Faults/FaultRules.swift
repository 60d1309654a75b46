import NIOConcurrencyHelpers

/// The faults that were ordered, and which request each of them strikes.
final class FaultRules: Sendable {
    static let everyOperation = "*"
    /// What faults of webhooks name instead, or one event.
    static let everyWebhook = "webhooks"
    private static let events = [
        "call.started", "call.completed", "call.failed", "sms.sent", "sms.delivered",
    ]

    private struct Rule: Sendable {
        let id: Int
        let operation: String
        let fault: Fault
        /// `nil` for as often as requests come.
        let count: Int?
        let probability: Double
        let skip: Int
        var skipped = 0
        var applied = 0
        var generator: SeededGenerator

        var remaining: Int? { count.map { $0 - applied } }

        func concerns(_ operation: String, or all: String) -> Bool {
            (self.operation == operation || self.operation == all) && remaining != 0
        }

        var json: JSONObject {
            var object: JSONObject = [
                "id": .number(id), "operation": .string(operation),
                "fault": .string(fault.kind.rawValue),
                "count": count.map { .number($0) } ?? .null, "skip": .number(skip),
                "probability": .number(probability),
                "remaining": remaining.map { .number($0) } ?? .null, "applied": .number(applied),
            ]
            for key in fault.parameters.keys { object[key] = fault.parameters[key] }
            return object
        }
    }

    private struct State: Sendable {
        var seed: UInt64
        var nextId = 1
        var rules: [Rule] = []
    }

    /// More rules than anybody reads; each request looks at all of them.
    private static let mostRules = 1_000
    private static let ownMembers = ["operation", "fault", "count", "skip", "probability"]

    private let state: NIOLockedValueBox<State>

    /// - Parameter seed: Decides which requests a rule with a probability strikes.
    init(seed: UInt64) {
        state = NIOLockedValueBox(State(seed: seed))
    }

    /// The fault for the next request of `operation`, if a rule strikes it. The rules are asked in
    /// the order they were added; the first that strikes is counted.
    func fault(for operation: String) -> Fault? {
        next(operation, or: FaultRules.everyOperation)
    }

    /// The fault for the next webhook of `event`, if a rule strikes it.
    func faultOfWebhook(_ event: String) -> Fault? {
        next(event, or: FaultRules.everyWebhook)
    }

    private func next(_ operation: String, or all: String) -> Fault? {
        state.withLockedValue { state in
            for index in state.rules.indices
            where state.rules[index].concerns(operation, or: all) {
                if state.rules[index].skipped < state.rules[index].skip {
                    state.rules[index].skipped += 1
                    continue
                }
                let probability = state.rules[index].probability
                guard
                    probability >= 1
                        || Double.random(in: 0..<1, using: &state.rules[index].generator)
                            < probability
                else { continue }
                state.rules[index].applied += 1
                return state.rules[index].fault
            }
            return nil
        }
    }

    /// Adds the rule that `order` describes and returns it with its id.
    ///
    /// - Parameter operations: The operations a rule may name.
    /// - Throws: ``Failure`` 400 for an unknown operation, fault or parameter, or a wrong value.
    func add(_ order: JSONObject, operations: Set<String>) throws -> JSONObject {
        guard let name = order["fault"]?.stringValue else {
            throw Fault.refusal("fault is required: the name of one")
        }
        var parameters = order
        for member in FaultRules.ownMembers { parameters[member] = nil }
        let fault = try Fault(name: name, given: parameters)
        let isOfWebhooks = fault.kind.isOfWebhooks
        let operation = try FaultRules.operation(
            order["operation"],
            isOfWebhooks ? Set(FaultRules.events) : operations,
            all: isOfWebhooks ? FaultRules.everyWebhook : FaultRules.everyOperation
        )
        let count =
            order["count"] == .null
            ? nil : try FaultRules.whole("count", order, atLeast: 1, fallback: 1)
        let skip = try FaultRules.whole("skip", order, atLeast: 0, fallback: 0)
        let probability = try FaultRules.probability(order["probability"])
        return try state.withLockedValue { state in
            guard state.rules.count < FaultRules.mostRules else {
                throw Fault.refusal("There are \(FaultRules.mostRules) rules already; delete some")
            }
            let rule = Rule(
                id: state.nextId,
                operation: operation,
                fault: fault,
                count: count,
                probability: probability,
                skip: skip,
                generator: SeededGenerator(key: [state.seed, UInt64(state.nextId)])
            )
            state.nextId += 1
            state.rules.append(rule)
            return rule.json
        }
    }

    /// All rules, those that are used up too, in the order they were added.
    var all: [JSONObject] { state.withLockedValue { $0.rules.map(\.json) } }

    func remove(id: Int) -> Bool {
        state.withLockedValue { state in
            guard let index = state.rules.firstIndex(where: { $0.id == id }) else { return false }
            state.rules.remove(at: index)
            return true
        }
    }

    /// Forgets every rule, and numbers the next ones from 1 as after a start with `seed`.
    func reset(seed: UInt64) {
        state.withLockedValue { $0 = State(seed: seed) }
    }

    func removeAll() {
        state.withLockedValue { $0.rules.removeAll() }
    }

    private static func operation(_ value: JSON?, _ operations: Set<String>, all: String) throws
        -> String
    {
        guard let value else { return all }
        guard let name = value.stringValue, name == all || operations.contains(name) else {
            let names = operations.sorted().joined(separator: ", ")
            // The value first: who cuts long messages keeps it.
            let wrong = value.text
            throw Fault.refusal("operation \(wrong) is unknown: name \(all) or one of \(names)")
        }
        return name
    }

    private static func whole(
        _ name: String,
        _ order: JSONObject,
        atLeast least: Int,
        fallback: Int
    ) throws -> Int {
        guard let value = order[name] else { return fallback }
        guard let number = value.intValue, number >= least else {
            throw Fault.refusal("\(name) must be a whole number of at least \(least)")
        }
        return number
    }

    private static func probability(_ value: JSON?) throws -> Double {
        guard let value else { return 1 }
        guard let number = value.doubleValue, (0...1).contains(number) else {
            throw Fault.refusal("probability must be a number from 0 to 1, not \(value.text)")
        }
        return number
    }
}
