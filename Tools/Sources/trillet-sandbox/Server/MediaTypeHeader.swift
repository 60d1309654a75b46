/// A media type with its parameters, as in `Content-Type` and `Content-Disposition`.
struct MediaTypeHeader {
    /// In lower case.
    let type: String
    /// The names in lower case, the values without quotes.
    let parameters: [String: String]

    init?(_ header: String?) {
        guard let header else { return nil }
        var rest = header[...]
        let end = rest.firstIndex(of: ";") ?? rest.endIndex
        type = MediaTypeHeader.trimmed(rest[..<end]).lowercased()
        rest = rest[end...]
        var parameters: [String: String] = [:]
        while rest.first == ";" {
            rest = rest.dropFirst()
            guard let equals = rest.firstIndex(where: { $0 == "=" || $0 == ";" }) else { break }
            guard rest[equals] == "=" else {
                rest = rest[equals...]
                continue
            }
            let name = MediaTypeHeader.trimmed(rest[..<equals]).lowercased()
            rest = rest[rest.index(after: equals)...]
            parameters[name] = MediaTypeHeader.value(&rest)
        }
        self.parameters = parameters
    }

    private static func value(_ rest: inout Substring) -> String {
        rest = rest.drop { $0 == " " || $0 == "\t" }
        guard rest.first == "\"" else {
            let end = rest.firstIndex(of: ";") ?? rest.endIndex
            defer { rest = rest[end...] }
            return trimmed(rest[..<end])
        }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            if character == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        rest = rest.drop { $0 != ";" }
        return value
    }

    private static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }
}
