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
    /// `nil` when the agent talks at any hour.
    let workingHours: WorkingHours?
    /// Where events of the call are sent.
    var webhook: String?

    static let longestCall: Int64 = 3_600

    /// How a call goes that is dialled at `moment`, in Unix milliseconds.
    ///
    /// - Parameter attempt: 1 for the first call to this number, in its batch.
    func course(
        to number: String,
        attempt: Int,
        at moment: Int64,
        generator: inout SeededGenerator
    ) -> CallCourse {
        let course =
            MagicNumber.course(of: number, attempt: attempt) ?? CallCourse(generator: &generator)
        guard let workingHours, let talkingAfter = course.talkingAfter,
            !workingHours.contains(moment + talkingAfter)
        else { return course.limited(to: maxCallDuration) }
        return course.outOfHours().limited(to: maxCallDuration)
    }

    /// The words of a call that somebody, or a machine, answered; none of any other call.
    func transcript(variables own: [String: String], course: CallCourse) -> String {
        guard course.talkingAfter != nil else { return "" }
        let values = variables.merging(own) { _, new in new }
        let isClosed = course.isOutOfHours
        let closed = CallScript.filled(workingHours?.message ?? "", values)
        let greeting = isClosed ? closed : greeting(values)
        if course.failure == .voicemail {
            return "Voicemail: Please leave a message after the tone.\nAgent: \(greeting)"
        }
        let waits = welcomeMessage == "user_initiated"
        let opening = (waits ? "Customer: Hello?\n" : "") + "Agent: \(greeting)"
        if isClosed || course.failure != nil { return opening }
        let body = CallScript.filled(prompt, values)
        return opening + (waits ? "" : "\nCustomer: Hello.") + "\nAgent: "
            + (body.isEmpty ? "How can I help you today?" : body)
            + "\nCustomer: Thank you, that is all.\nAgent: Goodbye."
    }

    private func greeting(_ values: [String: String]) -> String {
        if welcomeMessage == "ai_custom", let customWelcomeMessage, !customWelcomeMessage.isEmpty {
            return CallScript.filled(customWelcomeMessage, values)
        }
        let name = values["first_name"] ?? values["firstName"] ?? ""
        return "Hi\(name.isEmpty ? "" : " " + name), this is \(agentName)."
    }

    private static func trimmed(_ name: String) -> String {
        var rest = name[...]
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    /// `template` with each `{name}` replaced by its value; names without a value stay. Which texts
    /// in braces are names is what the library's check says of prompts.
    static func filled(_ template: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            // Spaces around a name do not count.
            let name = String(rest[rest.index(after: open)..<close])
            if let value = values[trimmed(name)] {
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
