/// What an agent needs to call somebody, as it was when the call or its batch was accepted: later
/// changes of agent and flow do not reach calls that are already under way.
struct CallScript: Codable, Sendable {
    let flowId: String
    let agentName: String
    let fromNumber: String
    let welcomeMessage: String
    let customWelcomeMessage: String?
    let prompt: String
    let variables: [String: String]
    /// Seconds.
    let maxCallDuration: Int64
    let isRecorded: Bool
    /// Where events of the call are sent.
    var webhook: String?

    static let longestCall: Int64 = 3_600

    /// The words of a call that somebody, or a machine, answered.
    func transcript(variables own: [String: String], ending: CallCourse.Ending) -> String {
        let values = variables.merging(own) { _, new in new }
        switch ending {
        case .success:
            let greeting = greeting(values)
            let opening =
                welcomeMessage == "user_initiated"
                ? "Customer: Hello?\nAgent: \(greeting)" : "Agent: \(greeting)\nCustomer: Hello."
            let body = CallScript.filled(prompt, values)
            return opening + "\nAgent: " + (body.isEmpty ? "How can I help you today?" : body)
                + "\nCustomer: Thank you, that is all.\nAgent: Goodbye."
        case .failure("Voicemail", _):
            return "Voicemail: Please leave a message after the tone.\nAgent: \(greeting(values))"
        case .failure:
            return ""
        }
    }

    private func greeting(_ values: [String: String]) -> String {
        if welcomeMessage == "ai_custom", let customWelcomeMessage {
            return CallScript.filled(customWelcomeMessage, values)
        }
        let name = values["first_name"] ?? values["firstName"] ?? ""
        return "Hi\(name.isEmpty ? "" : " " + name), this is \(agentName)."
    }

    /// `template` with each `{name}` replaced by its value; names without a value stay.
    static func filled(_ template: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let name = rest[rest.index(after: open)..<close]
            if let value = values[String(name)] {
                result += value
                rest = rest[rest.index(after: close)...]
            } else {
                result += "{"
                rest = rest[rest.index(after: open)...]
            }
        }
        return result + rest
    }
}

/// Whether and when a failed call of a batch is dialled again.
struct Redialling: Codable, Sendable {
    let isEnabled: Bool
    let maxAttempts: Int
    /// Milliseconds between one attempt and the next; the last one holds for all further attempts.
    let gaps: [Int64]

    static let none = Redialling(isEnabled: false, maxAttempts: 1, gaps: [])
    static let defaultGap: Int64 = 3_600_000

    /// How long to wait after attempt number `attempts`, or `nil` when it was the last.
    func gap(after attempts: Int) -> Int64? {
        guard isEnabled, attempts < maxAttempts else { return nil }
        guard !gaps.isEmpty else { return Redialling.defaultGap }
        return gaps[min(attempts, gaps.count) - 1]
    }
}
