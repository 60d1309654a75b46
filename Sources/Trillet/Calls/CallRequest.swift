/// Which calls are to be followed, and how.
struct CallRequest {
    private(set) var limits = FollowLimits(maxIntervalMilliseconds: 10_000)
    /// How long a call may be missing from a history that can be read.
    private(set) var lostMilliseconds = 600_000
    /// How late a call may appear in the history.
    private(set) var settleMilliseconds = 30_000
    /// How long after its time a call may have begun that is known by its number alone.
    private(set) var windowMilliseconds = 120_000
    private(set) var calls: [FollowedCall] = []
    private(set) var isList = false
    /// Whether it is asked if there was such a call at all.
    private(set) var isSearch = false

    private enum Field: Int, MemberName {
        case deadlineMs, minIntervalMs, maxIntervalMs, lostMs, settleMs, windowMs, calls

        static var noun: MemberNoun { .field }

        var text: StaticString {
            switch self {
            case .deadlineMs: "deadlineMs"
            case .minIntervalMs: "minIntervalMs"
            case .maxIntervalMs: "maxIntervalMs"
            case .lostMs: "lostMs"
            case .settleMs: "settleMs"
            case .windowMs: "windowMs"
            case .calls: "calls"
            }
        }
    }

    private init(_ text: Bytes) throws(Failure) {
        try NamedMembers.forEach(in: text, ignoringOthers: true) {
            (field: Field, given: NamedMember) throws(Failure) in
            try read(field, given)
        }
        try limits.check()
    }

    private mutating func read(_ field: Field, _ given: NamedMember) throws(Failure) {
        if field == .calls {
            guard given.value.kind == .array else { throw given.mistyped("an array") }
            isList = true
            try given.value.forEachElement { (call: JSONValue) throws(Failure) in
                try add(call)
            }
            return
        }
        let time = try given.milliseconds(from: field == .minIntervalMs ? 1 : 0)
        switch field {
        case .deadlineMs: limits.deadlineMilliseconds = time
        case .minIntervalMs: limits.minIntervalMilliseconds = time
        case .maxIntervalMs: limits.maxIntervalMilliseconds = time
        case .lostMs: lostMilliseconds = time
        case .settleMs: settleMilliseconds = time
        default: windowMilliseconds = time
        }
    }

    private mutating func add(_ call: JSONValue) throws(Failure) {
        guard let call = FollowedCall.of(call) else {
            let name: Message = isList ? "calls[\(calls.count)]" : "The request"
            throw Failure.invalidArgument(
                """
                \(name) names no call: give the answer of the send, a callId or a roomName, or \
                agentId, toNumber and time
                """,
                field: isList ? "calls" : "callId"
            )
        }
        call.place = calls.count
        calls.append(call)
    }

    static func toWait(_ text: Bytes) throws(Failure) -> CallRequest {
        var request = try CallRequest(text)
        if !request.isList { try request.add(JSONInput.checkObject(text, what: "The request")) }
        return request
    }

    /// Of a call that may have been made: the error of its send, its `find`, or the same fields.
    static func toFind(_ text: Bytes) throws(Failure) -> CallRequest {
        var request = try CallRequest(text)
        let whole = try JSONInput.checkObject(text, what: "The request")
        let error = whole.find("error", .object) ?? whole
        guard !request.isList,
            let call = FollowedCall.numbered(error.find("find", .object) ?? error)
        else {
            throw Failure.invalidArgument(
                "The request names no call: give error.find, or agentId, toNumber and since",
                field: "toNumber"
            )
        }
        request.calls = [call]
        request.isSearch = true
        // Whoever asks this has a person waiting.
        if request.limits.deadlineMilliseconds == 0 {
            request.limits.deadlineMilliseconds = 120_000 + request.settleMilliseconds
        }
        request.windowMilliseconds = Int(Int32.max)
        return request
    }
}
