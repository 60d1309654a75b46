/// What a rule of a prompt tells the agent to do: to say what is in quotes, to transfer the call, to
/// end it. Anything else is not followed.
struct PromptActs {
    private(set) var acts: [PromptRule.Act] = []
    /// What follows them, from the first word that is nothing to do.
    private(set) var rest: Substring

    private static let joints = ["and", "then", "also", "please", "first", "finally"]
    private static let sayings = ["say", "answer", "reply", "respond", "ask", "tell"]
    private static let listeners: Set<String> = [
        "with", "them", "him", "her", "the", "caller", "customer", "user", "that", "back",
    ]
    private static let transfers = ["transfer", "connect", "forward", "put"]
    private static let endings = [
        "end the call", "end the conversation", "hang up", "say goodbye",
    ]
    private static let marks = " \t,;:.→->=–—"

    init(_ text: Substring) {
        rest = text
        while next() {}
    }

    /// Reads one more thing to do.
    private mutating func next() -> Bool {
        skipJoints()
        guard !rest.isEmpty else { return false }
        if let quoted = quoted() {
            acts.append(.say(quoted))
            return true
        }
        for ending in PromptActs.endings where takes(ending) {
            if acts.last != .end { acts.append(.end) }
            return true
        }
        for word in PromptActs.sayings where begins(word) {
            guard let quoted = saying(word) else { return false }
            acts.append(.say(quoted))
            return true
        }
        for word in PromptActs.transfers where begins(word) {
            guard let place = destination(after: word) else { return false }
            acts.append(.transfer(to: place))
            return true
        }
        return false
    }

    private mutating func skipJoints() {
        var isAtJoint = true
        while isAtJoint {
            rest = rest.drop { PromptActs.marks.contains($0) }
            isAtJoint = PromptActs.joints.contains { takes($0) }
        }
    }

    private func begins(_ words: String) -> Bool {
        guard rest.prefix(words.count).lowercased() == words else { return false }
        return rest.dropFirst(words.count).first.map { !$0.isLetter } ?? true
    }

    private mutating func takes(_ words: String) -> Bool {
        guard begins(words) else { return false }
        rest = rest.dropFirst(words.count)
        return true
    }

    private mutating func quoted() -> String? {
        guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else {
            return nil
        }
        let text = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        return text.isEmpty ? nil : String(text)
    }

    /// `say`, `tell the caller:`, `respond with`, and then quotes.
    private mutating func saying(_ verb: String) -> String? {
        guard let quote = rest.firstIndex(of: "\"") else { return nil }
        let between = rest[..<quote].dropFirst(verb.count).lowercased()
        let words = between.split { !$0.isLetter }
        guard words.allSatisfy({ PromptActs.listeners.contains(String($0)) }) else { return nil }
        rest = rest[quote...]
        return quoted()
    }

    /// Who takes the call over: what follows "to", in quotes or to the end of the sentence.
    private mutating func destination(after verb: String) -> String? {
        let sentence = rest.prefix { $0 != ";" }
        guard let towards = sentence.firstRange(of: " to ") else { return nil }
        let passengers = sentence[..<towards.lowerBound].dropFirst(verb.count).lowercased()
        let known = PromptActs.listeners.union(["call", "through", "it"])
        guard
            passengers.split(whereSeparator: { !$0.isLetter })
                .allSatisfy({ known.contains(String($0)) })
        else { return nil }
        rest = rest[towards.upperBound...].drop(while: \.isWhitespace)
        if let quoted = quoted() { return quoted }
        var place = rest.prefix { $0 != ";" }
        for stop in [" and ", ". ", ", "] {
            if let end = place.firstRange(of: stop) { place = place[..<end.lowerBound] }
        }
        rest = rest[place.endIndex...]
        while let last = place.last, " .!".contains(last) { place = place.dropLast() }
        return place.isEmpty ? nil : String(place)
    }
}
