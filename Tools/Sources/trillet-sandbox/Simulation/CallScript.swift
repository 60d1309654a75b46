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
    /// Who is asked for variables before a call.
    var preCall: String?
    /// The agent's own instructions.
    var systemPrompt: String?
    /// Seconds after which the agent ends a call in which nobody says anything.
    var endCallOnSilence: Int64?

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
        return adjusted(course, at: moment)
    }

    /// The course within working hours and the longest duration.
    func adjusted(_ course: CallCourse, at moment: Int64) -> CallCourse {
        guard let workingHours, let talkingAfter = course.talkingAfter,
            !workingHours.contains(moment + talkingAfter)
        else { return course.limited(to: maxCallDuration) }
        return course.outOfHours().limited(to: maxCallDuration)
    }

    /// What a call says no more of: an hour is not enough for it.
    private static let mostSpoken = 65_536

    /// How many bytes all texts have with the values that are known already, and how many places
    /// there may be for others.
    var size: (bytes: Int, places: Int) {
        let texts = [prompt, customWelcomeMessage ?? "", workingHours?.message ?? ""]
        let places = texts.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "{") } }
        let longest = variables.values.map(\.utf8.count).max() ?? 0
        return (texts.reduce(0) { $0 + $1.utf8.count } + places * longest, places)
    }

    /// - Throws: ``Failure`` 400 when the words are too long with these variables.
    func check(variables own: [String: String]) throws {
        let values = FilledText(variables.merging(own) { _, new in new })
        for (name, text) in [
            ("prompt", prompt), ("customWelcomeMessage", customWelcomeMessage ?? ""),
            ("outOfHoursMessage", workingHours?.message ?? ""),
        ] {
            do {
                _ = try values.text(text)
            } catch {
                throw Failure.configuration(
                    "The \(name) of flow \(flowId) is longer than 1 MiB with these variables"
                )
            }
        }
    }

    /// The words of a call that somebody, or a machine, answered; none of any other call.
    func transcript(variables own: [String: String], course: CallCourse) -> String {
        let words = words(own, course)
        guard words.utf8.count > CallScript.mostSpoken else { return words }
        return String(decoding: words.utf8.prefix(CallScript.mostSpoken), as: UTF8.self) + " ..."
    }

    private func words(_ own: [String: String], _ course: CallCourse) -> String {
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

    func greeting(_ values: [String: String]) -> String {
        if welcomeMessage == "ai_custom", let customWelcomeMessage, !customWelcomeMessage.isEmpty {
            return CallScript.filled(customWelcomeMessage, values)
        }
        let name = values["first_name"] ?? values["firstName"] ?? ""
        return "Hi\(name.isEmpty ? "" : " " + name), this is \(agentName)."
    }

    /// The template itself where it would be too long with its values: a call that was accepted, or
    /// stored by an earlier version, takes place all the same.
    static func filled(_ template: String, _ values: [String: String]) -> String {
        (try? FilledText(values).text(template)) ?? template
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
