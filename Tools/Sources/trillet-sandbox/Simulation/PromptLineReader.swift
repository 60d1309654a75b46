/// Reads one line of a prompt. What it knows is in docs/sandbox.md, "The stand-in for the
/// language model".
struct PromptLineReader {
    enum Found: Equatable {
        case rule(PromptRule)
        /// It begins like a rule, and has nothing to do that is known.
        case unknown
        /// For a language model alone.
        case prose
    }

    private let line: String

    init(_ line: String) { self.line = line }

    private static let openings = ["if", "when", "whenever"]
    private static let persons: Set<String> = [
        "caller", "callers", "customer", "customers", "user", "person", "callee", "they",
        "somebody", "someone", "anybody", "anyone",
    ]
    private static let fallbacks = [
        "otherwise", "for anything else", "for everything else", "in all other cases",
        "if you do not understand", "if you don't understand", "if nothing else fits",
    ]

    func rule() -> Found {
        if let rest = after(PromptLineReader.fallbacks) {
            let acts = PromptActs(rest.drop { " ,:-–—→>".contains($0) }).acts
            return acts.isEmpty ? .unknown : .rule(PromptRule(cues: [], acts: acts))
        }
        guard let rest = after(PromptLineReader.openings), let condition = person(rest) else {
            return .prose
        }
        var tried = condition.startIndex
        for end in ends(of: condition) where end >= tried {
            let found = PromptActs(condition[end...])
            // From within what it has skipped nothing else would be found.
            tried = found.rest.startIndex
            guard !found.acts.isEmpty else { continue }
            let cues = PromptLineReader.cues(condition[..<end])
            return cues.isEmpty ? .unknown : .rule(PromptRule(cues: cues, acts: found.acts))
        }
        return .unknown
    }

    /// What follows one of the beginnings, which end with a word.
    private func after(_ beginnings: [String]) -> Substring? {
        for beginning in beginnings {
            let start = line.prefix(beginning.count)
            let rest = line.dropFirst(beginning.count)
            let isWhole = rest.first.map { !$0.isLetter } ?? false
            if isWhole, start.lowercased() == beginning { return rest }
        }
        return nil
    }

    /// What follows the person that the condition is about.
    private func person(_ text: Substring) -> Substring? {
        var rest = text.drop(while: \.isWhitespace)
        for article in ["the ", "a "] where rest.lowercased().hasPrefix(article) {
            rest = rest.dropFirst(article.count)
            break
        }
        let word = rest.prefix(while: \.isLetter)
        guard PromptLineReader.persons.contains(word.lowercased()) else { return nil }
        return rest.dropFirst(word.count)
    }

    /// Where the condition may end, outside of quotes, the first place first: before a comma, a
    /// colon, an arrow or "then".
    private func ends(of text: Substring) -> [Substring.Index] {
        var ends: [Substring.Index] = []
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            guard !isQuoted else { continue }
            let rest = text[index...]
            if ",:→".contains(text[index]) || rest.hasPrefix("->") || rest.hasPrefix("=>")
                || rest.hasPrefix(" then ")
            {
                ends.append(index)
            }
        }
        return ends
    }

    private static func cues(_ condition: Substring) -> [PromptRule.Cue] {
        if condition.contains("\"") {
            let parts = condition.split(separator: "\"", omittingEmptySubsequences: false)
            return parts.indices.filter { $0 % 2 == 1 && $0 + 1 < parts.count }
                .map { String(parts[$0]) }
                .map(PromptRule.Cue.phrase)
                .filter { !$0.isEmpty }
        }
        var cues: [PromptRule.Cue] = []
        for part in condition.split(separator: ",") {
            for way in part.split(separator: " or ") {
                let cue = PromptRule.Cue.words(String(way))
                if !cue.isEmpty { cues.append(cue) }
            }
        }
        return cues
    }
}
