/// Writes metrics in the text format of Prometheus, version 0.0.4.
struct MetricsText {
    typealias Labels = [(name: String, value: String)]

    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""

    mutating func family(
        _ name: String,
        _ kind: Kind,
        _ help: String,
        _ samples: [(Labels, Double)]
    ) {
        head(name, kind, help)
        for (labels, value) in samples { sample(name, labels, value) }
    }

    /// - Parameter series: labels, the counts of the buckets (not cumulative) and the sum.
    mutating func histogram(
        _ name: String,
        _ help: String,
        bounds: [Double],
        _ series: [(labels: Labels, buckets: [Int], sum: Double)]
    ) {
        head(name, .histogram, help)
        for (labels, buckets, sum) in series {
            var total = 0
            for (bound, count) in zip(bounds.map(MetricsText.number) + ["+Inf"], buckets) {
                total += count
                sample(name + "_bucket", labels + [("le", bound)], Double(total))
            }
            sample(name + "_sum", labels, sum)
            sample(name + "_count", labels, Double(total))
        }
    }

    private mutating func head(_ name: String, _ kind: Kind, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func sample(_ name: String, _ labels: Labels, _ value: Double) {
        text += name
        if !labels.isEmpty {
            let list = labels.map { "\($0.name)=\"\(MetricsText.escaped($0.value))\"" }
            text += "{" + list.joined(separator: ",") + "}"
        }
        text += " \(MetricsText.number(value))\n"
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        return String(value)
    }
}
