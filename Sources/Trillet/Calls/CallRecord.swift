/// A call as the history tells it.
struct CallRecord {
    let object: JSONValue
    private var fields: [JSONValue?]

    private enum Field: Int {
        case callID, roomName, id, toPhoneNumber, toNumber, to, agentID, agent
        case timestamp, startTime, createdAt, status, endTime, duration, summary, direction
    }

    private static var names: StaticString {
        """
        callid roomname id tophonenumber tonumber to agentid agent timestamp starttime createdat \
        status endtime duration summary direction
        """
    }

    /// nil for what is no record.
    init?(_ object: JSONValue) {
        guard object.kind == .object else { return nil }
        self.object = object
        fields = Array(repeating: nil, count: Field.direction.rawValue + 1)
        object.forEachMember { member in
            if member.value.kind != .null,
                let place = WordList.find(member.name.raw, in: CallRecord.names)?.place,
                fields[place] == nil
            {
                fields[place] = member.value
            }
        }
    }

    private subscript(_ field: Field) -> JSONValue? {
        @inline(never) get { fields[field.rawValue] }
    }

    // MARK: Which call it is

    /// The ids by which it may be known, of the call before that of the record.
    @inline(never)
    func id(_ place: Int) -> [UInt8] { fields[place]?.id ?? [] }

    static let idCount = 3

    /// The id to know it by from now on; empty when it has none.
    var ownID: [UInt8] {
        var place = 0
        while place < CallRecord.idCount - 1, id(place).isEmpty { place += 1 }
        return id(place)
    }

    /// 0 for a record without one.
    var number: UInt64 { (self[.toPhoneNumber] ?? self[.toNumber] ?? self[.to])?.digits ?? 0 }

    var time: Int? {
        @inline(never) get {
            (self[.timestamp] ?? self[.startTime] ?? self[.createdAt])?.unixMilliseconds
        }
    }

    /// Whether somebody called the agent.
    var isInbound: Bool { self[.direction]?.string?.equals("inbound") ?? false }

    /// Whether it is of that agent; nil where the record has a name that may be anybody's.
    @inline(never)
    func isOf(agent: [UInt8]) -> Bool? {
        if let id = self[.agentID] ?? self[.agent]?.find("id", .string) { return id.id == agent }
        let name = self[.agent]?.id ?? []
        if name == agent { return true }
        // As long as ids are, and written like them.
        let isID =
            name.count == 24 && agent.count == 24
            && name.allSatisfy { $0.hexadecimalValue != nil }
        return isID ? false : nil
    }

    // MARK: How it stands

    private static var words: StaticString {
        """
        queued pending scheduled created initiated initiating dialing dialling calling ringing \
        inprogress active ongoing answered connected talking started live \
        completed ended done finished success successful failed error noanswer unanswered \
        notanswered missed canceled cancelled busy voicemail rejected declined timeout hungup
        """
    }

    private var word: WordList.Found? {
        WordList.find(self[.status]?.string?.raw ?? .empty, in: CallRecord.words)
    }

    var state: FollowedCall.State {
        // The pages of the list have no end, and an unknown word may be one.
        let hasEnd = CallRecord.isSaid(self[.endTime])
        guard let place = word?.place else {
            let isOver = hasEnd || CallRecord.isSaid(self[.duration]) || self[.summary] != nil
            return isOver ? .ended : .talking
        }
        if place >= 18 || hasEnd { return .ended }
        return place < 10 ? .ringing : .talking
    }

    @inline(never)
    private static func isSaid(_ value: JSONValue?) -> Bool {
        value.map { !$0.text.equals("0") } ?? false
    }

    /// In a word; the service's own where it is not known.
    var outcome: [UInt8] {
        let known: StaticString
        switch word?.place ?? -1 {
        case 18..<24: known = "completed"
        case 24..<26: known = "failed"
        case 26..<30: known = "no_answer"
        case 30..<32: known = "cancelled"
        case 32...: return Array(word?.word ?? .empty)
        default: return self[.status]?.string?.decoded() ?? []
        }
        return Array(known.bytes)
    }
}
