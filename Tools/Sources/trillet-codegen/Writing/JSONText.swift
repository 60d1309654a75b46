import Yams

/// JSON text of the description's examples: numbers and order stay as they are written.
enum JSONText {
    /// On one line, without spaces and without the members of some names.
    static func compact(_ node: Node, omitting names: Set<String> = []) -> String {
        switch node {
        case .mapping(let mapping):
            let members = mapping.map { (key: $0.scalar?.string ?? "", value: $1) }
            let texts = members.filter { !names.contains($0.key) }.map {
                "\(quoted($0.key)):\(compact($0.value, omitting: names))"
            }
            return "{\(texts.joined(separator: ","))}"
        case .sequence(let sequence):
            let texts = sequence.map { compact($0, omitting: names) }
            return "[\(texts.joined(separator: ","))]"
        case .scalar(let scalar):
            return text(of: scalar)
        case .alias:
            return "null"
        }
    }

    /// Indented by two spaces, short objects and arrays on one line.
    static func pretty(_ node: Node, indentation: String = "") -> String {
        let flat = spaced(node)
        if flat.count + indentation.count <= 80 { return flat }
        let deeper = indentation + "  "
        switch node {
        case .mapping(let mapping):
            let lines = mapping.map {
                "\(deeper)\(quoted($0.scalar?.string ?? "")): \(pretty($1, indentation: deeper))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(indentation)}"
        case .sequence(let sequence):
            let lines = sequence.map { deeper + pretty($0, indentation: deeper) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(indentation)]"
        case .scalar, .alias:
            return flat
        }
    }

    private static func spaced(_ node: Node) -> String {
        switch node {
        case .mapping(let mapping):
            if mapping.isEmpty { return "{}" }
            let members = mapping.map { "\(quoted($0.scalar?.string ?? "")): \(spaced($1))" }
            return "{ \(members.joined(separator: ", ")) }"
        case .sequence(let sequence):
            return "[\(sequence.map(spaced).joined(separator: ", "))]"
        case .scalar, .alias:
            return compact(node)
        }
    }

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\0"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func text(of scalar: Node.Scalar) -> String {
        guard scalar.style == .plain || scalar.style == .any else { return quoted(scalar.string) }
        switch scalar.string {
        case "true", "false", "null": return scalar.string
        case "", "~": return "null"
        default: return isNumber(scalar.string) ? scalar.string : quoted(scalar.string)
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }
}
