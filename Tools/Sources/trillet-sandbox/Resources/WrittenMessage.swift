/// A message that an agent has written to a person.
struct WrittenMessage: Sendable {
    let id: String
    let text: String
    let isSent: Bool
    private let time: Int64

    /// - Parameter order: the request, whose `autopilot` comes before the flow's.
    init(_ order: JSONObject, of flow: JSONObject, at time: Int64) {
        let values = order["dynamic"]?.objectValue?.spokenTexts ?? [:]
        let opening = flow["initiationMessage"]?.stringValue ?? ""
        let template = opening.isEmpty ? flow["prompt"]?.stringValue ?? "" : opening
        id = Identifier.message()
        text = template.isEmpty ? "Hello." : CallScript.filled(template, values)
        isSent = (order["autopilot"] ?? flow["autopilot"]) == true
        self.time = time
    }

    /// - Parameter message: one that was written earlier and is sent now.
    init(sent message: JSONObject, at time: Int64) {
        id = message["message_id"]?.stringValue ?? ""
        text = message["message"]?.stringValue ?? ""
        isSent = true
        self.time = time
    }

    var json: JSON {
        [
            "message_id": .string(id), "role": "assistant", "message": .string(text),
            "status": isSent ? "sent" : "pending", "createdAt": .string(Timestamp.text(time)),
        ]
    }
}

/// What a person does with a message that waits. The service publishes no list; these words are ours.
enum MessageDecision: Sendable {
    case send, drop

    /// - Throws: ``Failure`` 400 for another word.
    init(_ action: String) throws {
        switch action {
        case "approve", "send", "edit": self = .send
        case "reject", "discard", "drop": self = .drop
        default:
            throw Failure.invalid(
                "metadata.action must be approve, edit or reject, not \"\(action)\""
            )
        }
    }

    var effect: String { self == .send ? "message.sent" : "message.dropped" }

    var report: String { self == .send ? "Message sent" : "Message dropped" }

    /// - Throws: ``Failure`` 400 when the message does not wait any more.
    func apply(to message: inout JSONObject, edited: JSON?) throws {
        guard message["status"] == "pending" else {
            let status = message["status"]?.stringValue ?? "done"
            throw Failure.configuration("The message is \(status) already")
        }
        message["status"] = self == .send ? "sent" : "dropped"
        if let edited { message["message"] = edited }
    }
}

/// Addresses of people.
enum Address {
    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
            && !text.contains(where: \.isWhitespace)
    }
}
