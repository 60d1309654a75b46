/// The words of an utterance as they are compared: without case, accents and punctuation.
struct SpokenWords: Sendable, Equatable {
    let words: [String]

    init(_ text: String) {
        var words: [String] = []
        var word = ""
        for scalar in text.lowercased().unicodeScalars {
            if SpokenWords.isDropped(scalar) { continue }
            if SpokenWords.isPart(scalar) {
                word.unicodeScalars.append(SpokenWords.plain(scalar))
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        self.words = words
    }

    init(words: [String]) { self.words = words }

    /// Whether these words follow one another in `utterance`.
    func areSaid(in utterance: SpokenWords) -> Bool {
        guard !words.isEmpty, words.count <= utterance.words.count else { return false }
        return (0...(utterance.words.count - words.count)).contains { start in
            utterance.words[start..<(start + words.count)].elementsEqual(words)
        }
    }

    /// Whether each of these words is among those of an utterance.
    func occur(in utterance: Set<String>) -> Bool {
        !words.isEmpty && words.allSatisfy(utterance.contains)
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Accents that stand alone, and apostrophes: "don't" is a word.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "'" || scalar == "\u{2019}"
            || scalar.properties.generalCategory == .nonspacingMark
    }

    private static let letter = "LATIN SMALL LETTER "
    private static let accent = " WITH "

    /// The letter without its accent, which the name of the letter tells.
    private static func plain(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        guard !scalar.isASCII, let name = scalar.properties.name, name.hasPrefix(letter) else {
            return scalar
        }
        let rest = name.dropFirst(letter.count)
        guard let base = rest.unicodeScalars.first, rest.dropFirst().hasPrefix(accent) else {
            return scalar
        }
        return base.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    }
}
