/// Breaks text into lines of at most `width` columns.
///
/// The first line starts with `first`, the others with `rest`.
func wrap(_ text: String, width: Int, first: String = "", rest: String = "") -> [String] {
    var lines: [String] = []
    var line = first
    var isEmpty = true
    for word in text.split(whereSeparator: \.isWhitespace) {
        if !isEmpty, line.count + 1 + word.count > width {
            lines.append(line)
            line = rest
            isEmpty = true
        }
        line += isEmpty ? String(word) : " \(word)"
        isEmpty = false
    }
    lines.append(line)
    return lines
}

/// Breaks text that has no spaces, such as compact JSON, after commas.
func wrapAtCommas(_ text: String, width: Int, indentation: String) -> [String] {
    var lines: [String] = []
    var line = indentation
    for piece in piecesEndingInCommas(text) {
        if line.count > indentation.count, line.count + piece.count > width {
            lines.append(line)
            line = indentation + " "
        }
        line += piece
    }
    lines.append(line)
    return lines
}

private func piecesEndingInCommas(_ text: String) -> [String] {
    var pieces: [String] = []
    var piece = ""
    var isInString = false
    var previous: Character = " "
    for character in text {
        piece.append(character)
        if character == "\"", previous != "\\" { isInString.toggle() }
        if character == ",", !isInString {
            pieces.append(piece)
            piece = ""
        }
        previous = character
    }
    return piece.isEmpty ? pieces : pieces + [piece]
}

/// The paragraphs of a text, with each indented block kept apart as it is written.
enum Block: Equatable {
    case paragraph(String)
    case verbatim([String])
}

func blocks(of text: String) -> [Block] {
    var blocks: [Block] = []
    var lines: [Substring] = []
    func finish() -> Block? {
        while lines.last?.isEmpty == true { lines.removeLast() }
        defer { lines = [] }
        guard let first = lines.first else { return nil }
        guard first.hasPrefix("    ") else { return .paragraph(lines.joined(separator: " ")) }
        return .verbatim(lines.map { String($0.dropFirst(4)) })
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        let isVerbatim = lines.first?.hasPrefix("    ") == true
        if line.isEmpty || (isVerbatim != line.hasPrefix("    ") && !lines.isEmpty) {
            if let block = finish() { blocks.append(block) }
        }
        if !line.isEmpty { lines.append(line) }
    }
    if let block = finish() { blocks.append(block) }
    return blocks
}
