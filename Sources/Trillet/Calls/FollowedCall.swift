/// One call that is followed, and how it stands.
struct FollowedCall {
    enum State: Int, CaseIterable {
        /// The history does not have it yet.
        case notListed
        case ringing
        case talking
        case ended
        /// It is not in the history, or no longer.
        case lost
        /// Several calls, or one that may be another, answer the description.
        case ambiguous

        var name: StaticString {
            switch self {
            case .notListed: "not_listed"
            case .ringing: "ringing"
            case .talking: "talking"
            case .ended: "ended"
            case .lost: "lost"
            case .ambiguous: "ambiguous"
            }
        }
    }

    enum Match {
        case none
        case callID
        case roomName
        case number

        fileprivate var name: StaticString {
            switch self {
            case .none: "null"
            case .callID: "\"callId\""
            case .roomName: "\"roomName\""
            case .number: "\"agentNumberTime\""
            }
        }
    }

    /// Empty where it is not known.
    var callID: [UInt8]
    private(set) var roomName: [UInt8]
    let agentID: [UInt8]
    /// The digits of the number that is called.
    let number: UInt64
    /// About when it was made, in Unix milliseconds.
    let time: Int?
    /// Whether it is known by agent, number and time alone.
    let isNumbered: Bool

    var state = State.notListed
    var match = Match.none
    /// As the service sent it.
    var record: [UInt8] = []
    var outcome: [UInt8] = []
    /// The look that saw it last.
    var seenIn = 0
    /// Since when a history that can be read has not had it.
    var missedSince: MonotonicTime?

    /// nil for what names no call: an id, what a send answers, or agent, number and time.
    init?(_ value: JSONValue) {
        if value.kind == .string || value.kind == .number {
            self.init(callID: value.id, of: nil)
            if isNumbered { return nil }
            return
        }
        let data = value.find("data", .object) ?? value
        let id = data.find("callid", nil) ?? value.find("meta", .object)?.find("callid", nil)
        self.init(callID: id?.id ?? [], of: data)
        guard isNumbered else { return }
        if agentID.isEmpty || number == 0 || time == nil { return nil }
    }

    /// Of a call that is known by agent, number and time, whatever else is said of it.
    init?(numbered data: JSONValue) {
        self.init(callID: [], of: data)
        roomName = []
        if agentID.isEmpty || number == 0 || time == nil { return nil }
    }

    private init(callID: [UInt8], of data: JSONValue?) {
        self.callID = callID
        roomName = data?.find("roomname", .string)?.id ?? []
        let agent = data?.find("agentid callagentid", .string)
        agentID = (agent ?? data?.find("agent", .object)?.find("id", .string))?.id ?? []
        number = data?.find("tonumber tophonenumber to number phonenumber", .string)?.digits ?? 0
        time = data?.find("since time timestamp", nil)?.unixMilliseconds
        isNumbered = callID.isEmpty && roomName.isEmpty
    }

    func has(_ id: [UInt8]) -> Match {
        if id == callID { return .callID }
        return id == roomName ? .roomName : .none
    }

    // MARK: Text

    /// Members that follow others.
    func append(to text: inout ByteBuffer, withRecord: Bool) {
        text.append(",\"callId\":")
        if callID.isEmpty { text.append("null") } else { text.append(jsonString: callID) }
        text.append(",\"outcome\":")
        if outcome.isEmpty { text.append("null") } else { text.append(jsonString: outcome) }
        text.append(",\"matchedBy\":")
        text.append(match.name)
        if withRecord { text.append(verbatim: "record", record.isEmpty ? nil : record) }
    }
}

extension JSONValue {
    /// An id, which may be a number.
    var id: [UInt8] { string?.decoded() ?? (kind == .number ? Array(text) : []) }

    /// The digits of a phone number, whatever is written between them; 0 for what is none.
    var digits: UInt64 {
        var number: UInt64 = 0
        var count = 0
        for byte in string?.raw ?? .empty where byte.isASCIIDigit {
            count += 1
            if count < 19 { number = number * 10 + UInt64(byte - UInt8(ascii: "0")) }
        }
        return count < 19 ? number : 0
    }
}
