import Hummingbird

/// Ordering faults, seeing what became of them and calling them off.
struct FaultRoutes: Sendable {
    let rules: FaultRules
    /// Those a rule may name.
    let operations: Set<String>

    private static let path = "/sandbox/faults"

    var routes: [ControlRoute] {
        [
            ControlRoute(.get, FaultRoutes.path) { _ in list },
            ControlRoute(.post, FaultRoutes.path) { exchange in
                let order = try await exchange.jsonObject()
                return Answer(try rules.add(order, operations: operations)).response
            },
            ControlRoute(.delete, FaultRoutes.path) { _ in
                rules.removeAll()
                return list
            },
            ControlRoute(.delete, FaultRoutes.path + "/{id}") { exchange in
                let id = exchange.parameter("id")
                guard let number = Int(id), rules.remove(id: number) else {
                    throw Failure.missing("Fault", id: id)
                }
                return list
            },
        ]
    }

    private var list: Response {
        Answer(["faults": .array(rules.all.map(JSON.object))]).response
    }
}
