/// One call that is followed, and how it stands.
final class FollowedCall {
    enum State: Int {
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
            case .none: ""
            case .callID: "callId"
            case .roomName: "roomName"
            case .number: "agentNumberTime"
            }
        }
    }

    /// Its place in the request.
    var place = 0
    /// Empty where it is not known.
    var callID: [UInt8]
    let roomName: [UInt8]
    let agentID: [UInt8]
    /// The digits of the number that is called.
    let number: UInt64
    /// About when it was made, in Unix milliseconds; 0 where it is not known.
    let time: Int
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
    static func of(_ value: JSONValue) -> FollowedCall? {
        let data = value.find("data", .object) ?? value
        let id = data.find("callid", nil) ?? value.find("meta", .object)?.find("callid", nil)
        let call = FollowedCall(
            callID: (id ?? value).id,
            roomName: data.find("roomname", .string)?.id ?? [],
            data
        )
        return call.isNumbered && !call.isDescribed ? nil : call
    }

    /// A call that is known by agent, number and time, whatever else is said of it.
    static func numbered(_ data: JSONValue) -> FollowedCall? {
        let call = FollowedCall(callID: [], roomName: [], data)
        return call.isDescribed ? call : nil
    }

    private var isDescribed: Bool { !agentID.isEmpty && number != 0 && time != 0 }

    private init(callID: [UInt8], roomName: [UInt8], _ data: JSONValue) {
        self.callID = callID
        self.roomName = roomName
        let agent =
            data.find("agentid callagentid", .string)
            ?? data.find("agent", .object)?.find("id", .string)
        agentID = agent?.id ?? []
        number = data.find("tonumber tophonenumber to number phonenumber", .string)?.digits ?? 0
        time = data.find("since time timestamp", nil)?.unixMilliseconds ?? 0
        isNumbered = callID.isEmpty && roomName.isEmpty
    }

    func has(_ id: [UInt8]) -> Match {
        if id == callID { return .callID }
        return id == roomName ? .roomName : .none
    }

    // MARK: Text

    /// Members that follow others.
    func append(to text: inout ByteBuffer, withRecord: Bool) {
        text.append(member: "callId", callID)
        text.append(member: "outcome", outcome)
        text.append(member: "matchedBy", Array(match.name.bytes))
        if withRecord { text.append(verbatim: "record", record.isEmpty ? nil : record) }
    }
}

extension ByteBuffer {
    /// A text, `null` in place of none.
    @inline(never)
    mutating func append(member name: StaticString, _ text: [UInt8]) {
        append(",\"")
        append(name)
        append("\":")
        if text.isEmpty { append("null") } else { append(jsonString: text) }
    }
}

extension JSONValue {
    /// An id, which may be a number.
    var id: [UInt8] {
        @inline(never) get { string?.decoded() ?? (kind == .number ? Array(text) : []) }
    }

    /// The digits of a phone number, whatever is written between them; 0 for what is none.
    var digits: UInt64 {
        var number: UInt64 = 0
        var count = 0
        // Some serializers escape the plus, and an escape has digits.
        for byte in string?.decoded() ?? [] where byte.isASCIIDigit {
            count += 1
            if count < 19 { number = number * 10 + UInt64(byte - UInt8(ascii: "0")) }
        }
        return count < 19 ? number : 0
    }
}
