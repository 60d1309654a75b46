/// An instruction of a prompt that the stand-in for the language model follows: what the caller has
/// to say, and what the agent then says and does.
struct PromptRule: Sendable, Equatable {
    /// One of the ways to say it.
    enum Cue: Sendable, Equatable {
        /// These words one after the other: they are in quotes.
        case phrase(String)
        /// All of these words, in any order.
        case words(String)

        /// Words that say how somebody says something, and not what.
        private static let small = Set(
            """
            a about an any are ask asking asks be can for has have he her his how i if in \
            into is it its like mention mentions my need needs of on our request requests \
            say saying says she tells that the their them they to want wants we what whether \
            with would you your
            """.split(separator: " ").map(String.init)
        )

        var isEmpty: Bool { words { $0 }.words.isEmpty }

        /// What must be heard. A variable may stand for any of it.
        func words(fill: (String) -> String) -> SpokenWords {
            switch self {
            case .phrase(let text): SpokenWords(fill(text))
            case .words(let text):
                SpokenWords(words: SpokenWords(fill(text)).words.filter { !Cue.small.contains($0) })
            }
        }
    }

    enum Act: Sendable, Equatable {
        case say(String)
        case transfer(to: String)
        case end
    }

    /// Any of them; none in the rule for what no other rule knows.
    let cues: [Cue]
    let acts: [Act]
}

/// A rule as it is compared with what is heard, with the call's variables in it.
struct FilledRule: Sendable {
    let acts: [PromptRule.Act]
    /// Whether it is for what no other rule knows.
    let isFallback: Bool
    private var phrases: [SpokenWords] = []
    private var words: [SpokenWords] = []

    init(_ rule: PromptRule, fill: (String) -> String) {
        acts = rule.acts
        isFallback = rule.cues.isEmpty
        for cue in rule.cues {
            let heard = cue.words(fill: fill)
            if case .phrase = cue { phrases.append(heard) } else { words.append(heard) }
        }
    }

    /// - Parameter anywhere: the words of the utterance in no order.
    func matches(_ utterance: SpokenWords, anywhere: Set<String>) -> Bool {
        phrases.contains { $0.areSaid(in: utterance) } || words.contains { $0.occur(in: anywhere) }
    }
}

/// What of a prompt the stand-in follows.
struct PromptRules: Sendable {
    private(set) var rules: [FilledRule] = []
    /// Lines that begin like a rule, and that it cannot follow.
    private(set) var unknown: [String] = []

    private static let mostUnknown = 20
    /// Each utterance is compared with all of them, while nobody else can write.
    private static let mostRules = 500

    /// - Parameter fill: puts the call's variables into a text.
    init(_ prompt: String, fill: (String) -> String = { $0 }) {
        for line in PromptLines(prompt).lines where line.utf8.count <= PromptLines.longest {
            guard rules.count < PromptRules.mostRules else { return }
            switch PromptLineReader(line).rule() {
            case .rule(let rule): rules.append(FilledRule(rule, fill: fill))
            case .unknown: if unknown.count < PromptRules.mostUnknown { unknown.append(line) }
            case .prose: break
            }
        }
    }

    /// What the agent does after `utterance`, and whether a rule for it was found; `nil` when not
    /// even the rule for anything else was.
    func acts(after utterance: String) -> (acts: [PromptRule.Act], isKnown: Bool)? {
        let words = SpokenWords(utterance)
        let anywhere = Set(words.words)
        if let rule = rules.first(where: { $0.matches(words, anywhere: anywhere) }) {
            return (rule.acts, true)
        }
        return rules.first(where: \.isFallback).map { ($0.acts, false) }
    }
}

/// The lines of a prompt without the marks of lists and emphasis; a line of a list that is wrapped
/// is one.
struct PromptLines {
    /// Bytes; a longer one is no rule.
    static let longest = 4_096

    private(set) var lines: [String] = []
    private var isInList = false

    init(_ prompt: String) {
        for line in prompt.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            add(line)
        }
    }

    private mutating func add(_ line: Substring) {
        let text = line.drop(while: \.isWhitespace)
        guard !text.isEmpty else {
            isInList = false
            return
        }
        let isIndented = text.startIndex > line.startIndex
        if let item = PromptLines.item(text) {
            isInList = true
            lines.append(PromptLines.plain(item))
        } else if isInList, isIndented, let last = lines.last {
            guard last.utf8.count <= PromptLines.longest else { return }
            lines[lines.count - 1] = last + " " + PromptLines.plain(text)
        } else {
            isInList = false
            lines.append(PromptLines.plain(text))
        }
    }

    /// The text of an item of a list: after `-`, `*`, `+` or `1.`, and a space.
    private static func item(_ text: Substring) -> Substring? {
        var rest = text
        if let first = rest.first, "-*+•".contains(first) {
            rest = rest.dropFirst()
        } else {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard !digits.isEmpty, digits.count < 4, let mark = rest.first, ".)".contains(mark)
            else { return nil }
            rest = rest.dropFirst()
        }
        guard rest.first == " " || rest.first == "\t" else { return nil }
        return rest.drop(while: \.isWhitespace)
    }

    private static func plain(_ text: Substring) -> String {
        var plain = ""
        var characters = text[...]
        while let character = characters.popFirst() {
            if character == "*", characters.first == "*" {
                characters.removeFirst()
            } else {
                plain.append("“”„«»".contains(character) ? "\"" : character)
            }
        }
        while plain.last?.isWhitespace == true { plain.removeLast() }
        return plain
    }
}
