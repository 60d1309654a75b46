/// One way in which an answer can go wrong. ``FaultKind`` is the table of all of them.
struct Fault: Sendable, Equatable {
    /// Where in the course of a request the fault strikes.
    enum Moment: String, Sendable, CaseIterable {
        /// Instead of carrying the request out: it has no effect.
        case before
        /// While the request is being carried out: it has its effect, and nobody is there to hear.
        case during
        /// When the request has been carried out, instead of the answer to it.
        case after
    }

    let kind: FaultKind
    /// The parameters that were given and the defaults of the others, checked.
    let parameters: JSONObject

    /// - Parameter given: parameters by name; further members are refused.
    /// - Throws: ``Failure`` 400 that says which fault or parameter is wrong, and what there is.
    init(name: String, given: JSONObject) throws {
        guard let kind = FaultKind(rawValue: name) else {
            let names = FaultKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Fault.refusal("There is no fault \"\(name)\"; there are \(names)")
        }
        var checked = JSONObject()
        for parameter in kind.parameters {
            let value = given[parameter.name] ?? parameter.fallback
            guard let value, value != .null else { continue }
            try parameter.check(value, of: kind)
            checked[parameter.name] = value
        }
        let known = kind.parameters.map(\.name)
        if let unknown = given.keys.first(where: { !known.contains($0) }) {
            throw Fault.refusal(
                "The fault \(name) has no parameter \"\(unknown)\"; it has "
                    + (known.isEmpty ? "none" : known.joined(separator: ", "))
            )
        }
        self.kind = kind
        parameters = checked
    }

    /// Reads the header form: `status; status=503; retryAfter=2`.
    init(header: String) throws {
        let parts = header.split(separator: ";", omittingEmptySubsequences: false)
            .map { $0.split(separator: "=", maxSplits: 1).map(Fault.trimmed) }
        guard let name = parts.first?.first, parts[0].count == 1 else {
            throw Fault.refusal("x-sandbox-fault must be NAME; key=value; …, not \"\(header)\"")
        }
        var given = JSONObject()
        for part in parts.dropFirst() where !part.isEmpty {
            guard part.count == 2, given[part[0]] == nil else {
                throw Fault.refusal("x-sandbox-fault must be NAME; key=value; …, not \"\(header)\"")
            }
            given[part[0]] = Int(part[1]).map { .number($0) } ?? .string(part[1])
        }
        try self.init(name: name, given: given)
        guard !kind.isOfWebhooks else {
            throw Fault.refusal("The fault \(name) is for webhooks; POST /sandbox/faults adds it")
        }
    }

    /// The header form, without the parameters that have their default.
    var text: String {
        kind.parameters.reduce(into: kind.rawValue) { text, parameter in
            guard let value = parameters[parameter.name], value != parameter.fallback else {
                return
            }
            text += "; \(parameter.name)=\(value.stringValue ?? value.text)"
        }
    }

    var moment: Moment {
        parameters["when"]?.stringValue.flatMap(Moment.init) ?? .after
    }

    func number(_ name: String) -> Int? { parameters[name]?.intValue }

    static func refusal(_ detail: String) -> Failure {
        var failure = Failure.invalid(detail, code: "invalid_fault")
        failure.shape = .nested
        return failure
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
