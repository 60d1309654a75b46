import HTTPTypes

/// What nobody may read in a journal.
enum Secret {
    static let mask = "***"

    private static let names = Set(SecretNames.all.map { spelledAlike($0[...]) })

    static func isSecret(_ name: HTTPField.Name) -> Bool { isSecret(name.canonicalName[...]) }

    private static func isSecret(_ name: Substring) -> Bool { names.contains(spelledAlike(name)) }

    /// Neither case nor what joins the parts of a name makes a difference.
    private static func spelledAlike(_ name: Substring) -> String {
        name.filter { !"_-.".contains($0) }.lowercased()
    }

    /// `body` with the values of its secret members replaced, and with them the secrets that
    /// webhooks are signed with.
    static func masked(_ body: String) -> String {
        var masked = ""
        var shown = body.startIndex
        var at = body.startIndex
        while let quote = body[at...].firstIndex(of: "\"") {
            let end = endOfString(body, quote)
            at = end
            let value = startOfValue(body, behind: end)
            guard let value, isSecret(content(body[quote..<end])) else { continue }
            at = endOfValue(body, value)
            guard at > value else { continue }
            masked += body[shown..<value] + "\"\(mask)\""
            shown = at
        }
        return (masked + body[shown...]).replacing(/whsec_[A-Za-z0-9+\/=_-]+/, with: mask)
    }

    private static func content(_ string: Substring) -> Substring {
        string.dropFirst().dropLast(string.hasSuffix("\"") ? 1 : 0)
    }

    /// nil when what ends at `name` is no member's name.
    private static func startOfValue(_ text: String, behind name: String.Index) -> String.Index? {
        let rest = text[name...].drop { $0.isWhitespace }
        guard rest.first == ":" else { return nil }
        return rest.dropFirst().drop { $0.isWhitespace }.startIndex
    }

    /// The end of a string or number, or of an object or list with all that is in it; where it
    /// starts when it is nothing of these. A body that was cut off ends within it.
    private static func endOfValue(_ text: String, _ start: String.Index) -> String.Index {
        guard start < text.endIndex, "{[".contains(text[start]) else {
            return endOfScalar(text, start)
        }
        var depth = 0
        var at = start
        while at < text.endIndex {
            if text[at] == "\"" {
                at = endOfString(text, at)
                continue
            }
            if "{[".contains(text[at]) { depth += 1 }
            if "}]".contains(text[at]) { depth -= 1 }
            at = text.index(after: at)
            if depth == 0 { break }
        }
        return at
    }

    private static func endOfScalar(_ text: String, _ start: String.Index) -> String.Index {
        guard start < text.endIndex else { return start }
        if text[start] == "\"" { return endOfString(text, start) }
        return text[start...].drop { "0123456789+-.eE".contains($0) }.startIndex
    }

    private static func endOfString(_ text: String, _ start: String.Index) -> String.Index {
        var at = text.index(after: start)
        while at < text.endIndex, text[at] != "\"" {
            if text[at] == "\\", text.index(after: at) < text.endIndex {
                at = text.index(after: at)
            }
            at = text.index(after: at)
        }
        return at < text.endIndex ? text.index(after: at) : at
    }
}
