/// Follows calls: what the history says of each, and which have come to their end.
final class CallWatch: Watch {
    let request: CallRequest
    private(set) var calls: [FollowedCall]
    private var index: CallIndex
    private var counts: [Int]
    /// The calls whose state has changed since the last report.
    private var changed: [Int] = []
    /// How long the next look may wait; nil where the pace says it.
    var rest: Int?

    /// How much earlier than its time a call may seem to begin: times of calls are whole seconds.
    private static let sureMilliseconds = 2000
    /// The same where the clocks of host and service differ: whose call it is, is not sure.
    private static let doubtfulMilliseconds = 30_000

    static func make(
        _ client: Client,
        _ request: CallRequest,
        options: Bytes
    ) throws(Failure) -> CallWatch {
        let timeout = try timeout(client, options: options)
        return CallWatch(client, request, options: options, timeoutMilliseconds: timeout)
    }

    private init(
        _ client: Client,
        _ request: CallRequest,
        options: Bytes,
        timeoutMilliseconds: Int
    ) {
        self.request = request
        calls = request.calls
        counts = FollowedCall.State.allCases.map { _ in 0 }
        counts[0] = calls.count
        var index = CallIndex(calls: calls.count)
        for (place, call) in request.calls.enumerated() {
            if call.isNumbered { index.insert(index.key(call.number), place) }
            if !call.callID.isEmpty { index.insert(index.key(call.callID), place) }
            if !call.roomName.isEmpty { index.insert(index.key(call.roomName), place) }
        }
        self.index = index
        super.init(
            client,
            request.limits,
            request.isList ? "The calls have" : "The call has",
            options: options,
            timeoutMilliseconds: timeoutMilliseconds
        )
    }

    // MARK: How the calls stand

    /// Whether the call may yet change.
    func isOpen(_ call: FollowedCall) -> Bool {
        switch call.state {
        case .lost, .ambiguous: false
        case .ended: call.isNumbered && !isSettled(call)
        case .notListed, .ringing, .talking: true
        }
    }

    /// Whether another call to its number at that time would be in the history by now.
    func isSettled(_ call: FollowedCall) -> Bool {
        Int(WallClock.milliseconds) >= (call.time ?? 0) + request.settleMilliseconds
    }

    /// When a record begins at the earliest that may be of the call.
    func earliest(of call: FollowedCall) -> Int {
        (call.time ?? 0) - CallWatch.doubtfulMilliseconds
    }

    var open: [Int] { calls.indices.filter { isOpen(calls[$0]) } }

    private func set(_ state: FollowedCall.State, of place: Int) {
        let old = calls[place].state
        if old == state { return }
        calls[place].state = state
        counts[old.rawValue] -= 1
        counts[state.rawValue] += 1
        changed.append(place)
    }

    /// Notes the calls that this look should have shown.
    func endLook(_ wanted: [Int]) {
        for place in wanted where calls[place].seenIn != looks && isOpen(calls[place]) {
            let since = calls[place].missedSince ?? .now
            calls[place].missedSince = since
            if MonotonicTime.now >= since.advanced(byMilliseconds: request.lostMilliseconds) {
                set(.lost, of: place)
            }
        }
    }

    /// Takes in a record; false when it is of none of the calls.
    func see(_ record: CallRecord) -> Bool {
        for key in 0..<CallRecord.idCount {
            let id = record.id(key)
            if id.isEmpty { continue }
            var isKnown = false
            for place in index.calls(index.key(id)) {
                let match = calls[place].has(id)
                if match == .none { continue }
                isKnown = true
                update(place, record, match)
            }
            if isKnown { return true }
        }
        seeNumber(of: record)
        return false
    }

    private func update(_ place: Int, _ record: CallRecord, _ match: FollowedCall.Match) {
        // The newest of several records is the call's last attempt.
        if calls[place].seenIn == looks || !isOpen(calls[place]) { return }
        calls[place].seenIn = looks
        calls[place].missedSince = nil
        if calls[place].match == .none { calls[place].match = match }
        calls[place].record = Array(record.object.text)
        let state = record.state
        if state == .ended { calls[place].outcome = record.outcome }
        set(state, of: place)
    }

    /// Whether a record that has no id of ours is of a call that is known by its number.
    private func seeNumber(of record: CallRecord) {
        if record.isInbound { return }
        let time = record.time
        let number = record.number
        // A call to nobody knows whom may be the one whose absence is to be proved.
        let isAnybody = number == 0 && request.isSearch
        let near = isAnybody ? [0] : index.calls(index.key(number))
        let possible = near.filter { place in
            let call = calls[place]
            guard call.isNumbered, call.number == number || isAnybody,
                record.isOf(agent: call.agentID) != false
            else { return false }
            guard let time else { return true }
            return time >= earliest(of: call)
                && time - (call.time ?? 0) <= request.windowMilliseconds
        }
        let id = record.ownID
        for place in possible {
            let call = calls[place]
            let isSure =
                !id.isEmpty && !isAnybody && (call.callID.isEmpty || call.callID == id)
                && record.isOf(agent: call.agentID) == true
                && time.map { $0 >= (call.time ?? 0) - CallWatch.sureMilliseconds } == true
                && possible.allSatisfy { calls[$0].time == call.time }
            if isSure {
                calls[place].callID = id
                index.insert(index.key(id), place)
                update(place, record, .number)
            } else {
                // The record helps whoever has to decide.
                if call.record.isEmpty { calls[place].record = Array(record.object.text) }
                set(.ambiguous, of: place)
            }
        }
    }

    // MARK: Pauses and reports

    override func pauseAfterLook() -> Int? {
        if let rest { return rest }
        let remaining = open.count
        let pause = pace.next(
            ended: calls.count - remaining,
            remaining: remaining,
            startsIn: 0,
            requests: 1
        )
        return max(pause, pace.shortest(requests))
    }

    var hasChanges: Bool { !changed.isEmpty }

    override func appendReport(to text: inout ByteBuffer) {
        append(to: &text, isReport: true)
        text.append(",\"changes\":[")
        for (number, place) in changed.enumerated() {
            if number > 0 { text.append(UInt8(ascii: ",")) }
            append(place, to: &text, withRecord: false)
        }
        text.append(UInt8(ascii: "]"))
        changed = []
    }

    override func appendState(to text: inout ByteBuffer) {
        append(to: &text, isReport: false)
        guard request.isList else { return }
        text.append(",\"calls\":[")
        for place in calls.indices {
            if place > 0 { text.append(UInt8(ascii: ",")) }
            append(place, to: &text, withRecord: true)
        }
        text.append(UInt8(ascii: "]"))
    }

    override var tellsStateInErrors: Bool { true }

    private func append(_ place: Int, to text: inout ByteBuffer, withRecord: Bool) {
        text.append("{\"index\":")
        text.append(decimal: place)
        text.append(",\"state\":")
        text.append(jsonString: calls[place].state.name.bytes)
        calls[place].append(to: &text, withRecord: withRecord)
        text.append(UInt8(ascii: "}"))
    }

    private func append(to text: inout ByteBuffer, isReport: Bool) {
        var phase: StaticString = "ended"
        if isReport, !isReachable {
            phase = "unreachable"
        } else if !request.isList {
            phase = calls[0].state.name
        } else if !open.isEmpty {
            phase = "running"
        }
        text.append("{\"state\":")
        text.append(jsonString: phase.bytes)
        if request.isList {
            text.append(count: "total", calls.count)
            for state in FollowedCall.State.allCases {
                text.append(count: state.name, counts[state.rawValue])
            }
        } else {
            calls[0].append(to: &text, withRecord: !isReport)
        }
        appendCourse(to: &text)
        text.append(count: "looks", looks)
    }
}
