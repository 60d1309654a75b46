/// What an agent and a person say to each other, and how that ends. The agent's words come from a
/// stand-in for the language model: docs/sandbox.md, "The stand-in for the language model".
struct Conversation: Sendable {
    enum Ending: String, Sendable {
        case caller, agent, transfer, silence, limit
        case outOfHours = "out-of-hours"
    }

    struct Turn: Sendable {
        let isAgent: Bool
        let text: String
        /// Milliseconds from the answer on.
        let start: Int64
    }

    private(set) var turns: [Turn] = []
    private(set) var ending = Ending.caller
    private(set) var destination: String?
    /// How often the agent had no rule for what it heard.
    private(set) var notUnderstood = 0
    /// Milliseconds of talking.
    private(set) var length: Int64 = 0
    let rules: PromptRules

    private let limit: Int64
    private var spoken = 0

    static let misunderstanding = "I am sorry, I did not understand that."
    static let transferring = "I am connecting you now."
    static let goodbye = "Goodbye."

    /// As fast as people speak, and pause before they answer.
    private static let word: Int64 = 400
    private static let shortest: Int64 = 1_000
    private static let pause: Int64 = 500
    private static let mostSpoken = 65_536

    /// - Parameters:
    ///   - limit: Milliseconds that the talk may last.
    ///   - fill: Puts the call's variables into a text.
    init(
        greeting: String?,
        steps: [Caller.Step],
        rules: PromptRules,
        silenceLimit: Int64,
        limit: Int64,
        fill: (String) -> String
    ) {
        self.limit = limit
        self.rules = rules
        if let greeting { add(greeting, isAgent: true) }
        for step in steps {
            guard length < limit else { break }
            switch step {
            case .says(let text):
                add(text, isAgent: false)
                if !answers(text, fill) { return }
            case .isSilent(let seconds):
                let isTooLong = silenceLimit > 0 && seconds >= silenceLimit
                length += (isTooLong ? silenceLimit : seconds) * 1_000
                if isTooLong {
                    close(.silence)
                    return
                }
            }
        }
        close(.caller)
    }

    /// The only words of a call outside working hours.
    init(outOfHours message: String, limit: Int64) {
        self.limit = limit
        rules = PromptRules("")
        add(message, isAgent: true)
        close(.outOfHours)
    }

    /// Says what the prompt wants; returns whether the call goes on.
    private mutating func answers(_ text: String, _ fill: (String) -> String) -> Bool {
        let found = rules.acts(after: text)
        if found?.isKnown != true { notUnderstood += 1 }
        guard let acts = found?.acts else {
            add(Conversation.misunderstanding, isAgent: true)
            return true
        }
        let words = acts.compactMap { act in
            if case .say(let text) = act { return fill(text) } else { return nil }
        }
        if !words.isEmpty { add(words.joined(separator: " "), isAgent: true) }
        for act in acts {
            switch act {
            case .say: continue
            case .transfer(let place):
                if words.isEmpty { add(Conversation.transferring, isAgent: true) }
                close(.transfer)
                if ending == .transfer { destination = fill(place) }
            case .end:
                if words.isEmpty { add(Conversation.goodbye, isAgent: true) }
                close(.agent)
            }
            return false
        }
        return true
    }

    private mutating func close(_ ending: Ending) {
        self.ending = length >= limit ? .limit : ending
        length = min(length, limit)
    }

    /// Nothing begins after the limit; what is said then takes the time that it takes.
    private mutating func add(_ text: String, isAgent: Bool) {
        guard length < limit else { return }
        let isTooMuch = spoken + text.utf8.count > Conversation.mostSpoken
        let text = isTooMuch ? "..." : text
        spoken += text.utf8.count
        turns.append(Turn(isAgent: isAgent, text: text, start: length))
        let words = Int64(text.split(whereSeparator: \.isWhitespace).count)
        length += max(words * Conversation.word, Conversation.shortest) + Conversation.pause
    }
}

extension Conversation {
    /// As the transcripts of other calls are written.
    var transcript: String {
        turns.map { ($0.isAgent ? "Agent: " : "Customer: ") + $0.text }.joined(separator: "\n")
    }

    /// What is kept of it with the call that was answered at `moment`, in Unix milliseconds.
    func json(answeredAt moment: Int64) -> JSON {
        let utterances: [JSON] = turns.map { turn in
            [
                "role": turn.isAgent ? "assistant" : "user", "content": .string(turn.text),
                "timestamp": .number(Double(moment + turn.start) / 1_000),
            ]
        }
        return [
            "endedBy": .string(ending.rawValue),
            "transferredTo": destination.map(JSON.string) ?? .null,
            "notUnderstood": .number(notUnderstood), "rules": .number(rules.rules.count),
            "notFollowed": .array(rules.unknown.map(JSON.string)),
            "utterances": .array(utterances),
        ]
    }
}
