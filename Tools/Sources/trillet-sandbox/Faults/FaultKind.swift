/// Everything that can be made to go wrong. docs/sandbox.md has the same table for people.
enum FaultKind: String, Sendable, CaseIterable {
    /// The answer comes late.
    case delay
    /// The connection is reset (RST) instead of an answer.
    case reset
    /// The connection is closed in order (FIN) instead of an answer.
    case close
    /// A part of the answer's body, then the end of the connection.
    case partial
    /// The whole answer in small pieces.
    case slow
    /// An error status instead of the answer, in the service's error shape.
    case status
    /// An error page of a proxy.
    case html
    /// The answer's status with a body that breaks off in the middle of its JSON, whole on the wire.
    case invalidJSON = "invalid-json"
    /// The answer's body declared as something else.
    case contentType = "content-type"
    /// The answer's status with a very large body.
    case huge
    /// The answer's status without a body.
    case empty
    /// A webhook is sent more often than once.
    case duplicate
    /// A webhook is never sent.
    case lose
    /// A webhook is sent late, after others that happened later.
    case hold

    /// One parameter of a fault.
    struct Parameter: Sendable {
        enum Values: Sendable {
            case number(ClosedRange<Int>)
            case word([String])
            case text
        }

        let name: String
        let values: Values
        /// What holds when it is not given; `nil` when the parameter is then not there.
        let fallback: JSON?
    }

    /// Whether it befalls a webhook on its way to its receiver, instead of an answer.
    var isOfWebhooks: Bool { [.duplicate, .lose, .hold].contains(self) }

    static let errorStatuses = 400...599
    private static let longestDelay = 600_000
    private static let longestHold = 86_400_000
    private static let largestBody = 1_073_741_824

    var parameters: [Parameter] {
        switch self {
        case .delay: [.milliseconds(1_000), .when([.before, .after], .before)]
        case .reset, .close: [.when([.before, .during, .after], .before)]
        case .partial:
            [
                .number("bytes", 0...FaultKind.largestBody, nil),
                .word("end", ["close", "reset"], "close"),
            ]
        case .slow: [.number("bytes", 1...65_536, 1), .milliseconds(20)]
        case .status:
            [
                .number("status", FaultKind.errorStatuses, 503),
                .when([.before, .after], .before),
                .number("retryAfter", 0...86_400, nil),
                .word("retryAfterForm", ["seconds", "date"], "seconds"),
            ]
        case .html:
            [
                .number("status", FaultKind.errorStatuses, 502),
                .when([.before, .after], .before),
            ]
        case .invalidJSON, .empty, .lose: []
        case .duplicate: [.number("times", 1...10, 1)]
        case .hold: [.number("ms", 0...FaultKind.longestHold, 60_000)]
        case .contentType:
            [Parameter(name: "contentType", values: .text, fallback: "text/plain")]
        case .huge: [.number("bytes", 1...FaultKind.largestBody, 68_157_440)]
        }
    }
}

extension FaultKind.Parameter {
    fileprivate static func number(_ name: String, _ range: ClosedRange<Int>, _ fallback: Int?)
        -> Self
    {
        Self(name: name, values: .number(range), fallback: fallback.map { .number($0) })
    }

    fileprivate static func milliseconds(_ fallback: Int) -> Self {
        number("ms", 0...FaultKind.longestDelay, fallback)
    }

    fileprivate static func word(_ name: String, _ words: [String], _ fallback: String) -> Self {
        Self(name: name, values: .word(words), fallback: .string(fallback))
    }

    fileprivate static func when(_ moments: [Fault.Moment], _ fallback: Fault.Moment) -> Self {
        word("when", moments.map(\.rawValue), fallback.rawValue)
    }

    /// - Throws: ``Failure`` 400 that says what the parameter takes.
    func check(_ value: JSON, of kind: FaultKind) throws {
        let isGood: Bool
        let wanted: String
        switch values {
        case .number(let range):
            isGood = value.intValue.map(range.contains) ?? false
            wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .word(let words):
            isGood = value.stringValue.map(words.contains) ?? false
            wanted = words.joined(separator: " or ")
        case .text:
            isGood = value.stringValue.map(FaultKind.Parameter.isHeaderText) ?? false
            wanted = "a text of 1 to 200 printable ASCII characters"
        }
        guard isGood else {
            throw Fault.refusal(
                "\(name) of the fault \(kind.rawValue) must be \(wanted), not \(value.text)"
            )
        }
    }

    private static func isHeaderText(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
