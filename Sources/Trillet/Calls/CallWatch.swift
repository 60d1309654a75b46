/// Follows calls: what the history says of each, and which have come to their end.
/// docs/decisions.md, no-guessed-call.
final class CallWatch: Watch {
    let request: CallRequest
    let calls: [FollowedCall]
    private var index: CallIndex
    /// How many calls are in each state.
    private var counts: [Int]
    /// The calls whose state has changed since the last report.
    private var changed: [FollowedCall] = []
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
        counts = [calls.count, 0, 0, 0, 0, 0]
        var index = CallIndex(calls: calls.count)
        for call in request.calls {
            if call.isNumbered { index.insert(CallIndex.key(call.number), call) }
            index.insert(call.callID, call)
            index.insert(call.roomName, call)
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
        Int(WallClock.milliseconds) >= call.time + request.settleMilliseconds
    }

    /// When a record begins at the earliest that may be of the call.
    func earliest(of call: FollowedCall) -> Int {
        call.time + min(0, clockLead) - CallWatch.doubtfulMilliseconds
    }

    var open: [FollowedCall] {
        var open: [FollowedCall] = []
        for call in calls where isOpen(call) { open.append(call) }
        return open
    }

    private func set(_ state: FollowedCall.State, of call: FollowedCall) {
        if call.state == state { return }
        counts[call.state.rawValue] -= 1
        counts[state.rawValue] += 1
        call.state = state
        changed.append(call)
    }

    /// Notes the calls that this look should have shown.
    func endLook(_ wanted: [FollowedCall]) {
        for call in wanted where call.seenIn != looks && isOpen(call) {
            let since = call.missedSince ?? .now
            call.missedSince = since
            if MonotonicTime.now >= since.advanced(byMilliseconds: request.lostMilliseconds) {
                set(.lost, of: call)
            }
        }
    }

    /// Takes in a record; false when it is of none of the calls.
    func see(_ record: CallRecord) -> Bool {
        for key in 0..<CallRecord.idCount {
            let id = record.id(key)
            var isKnown = false
            for call in index.calls(id) {
                let match = call.has(id)
                if match == .none { continue }
                isKnown = true
                update(call, record, match)
            }
            if isKnown { return true }
        }
        seeNumber(of: record)
        return false
    }

    private func update(
        _ call: FollowedCall,
        _ record: CallRecord,
        _ match: FollowedCall.Match
    ) {
        // The newest of several records is the call's last attempt.
        if call.seenIn == looks || !isOpen(call) { return }
        call.seenIn = looks
        call.missedSince = nil
        if call.match == .none { call.match = match }
        call.record = Array(record.object.text)
        let state = record.state
        if state == .ended { call.outcome = record.outcome }
        set(state, of: call)
    }

    /// Whether a record that has no id of ours is of a call that is known by its number.
    private func seeNumber(of record: CallRecord) {
        if record.isInbound { return }
        let number = record.number
        // A call to nobody knows whom may be the one whose absence is to be proved.
        let isAnybody = request.isSearch && isLike(calls[0].number, number)
        var possible: [FollowedCall] = []
        var isOfOneTime = true
        for call in isAnybody ? calls : index.calls(CallIndex.key(number)) {
            guard isAnybody || (call.isNumbered && call.number == number), isNear(record, call)
            else { continue }
            if let first = possible.first, first.time != call.time { isOfOneTime = false }
            possible.append(call)
        }
        let id = record.ownID
        for call in possible {
            let isSure = isOfOneTime && !isAnybody && !id.isEmpty && isSurely(record, call)
            if isSure, call.callID.isEmpty || call.callID == id {
                call.callID = id
                index.insert(id, call)
                update(call, record, .number)
            } else {
                // The record helps whoever has to decide.
                if call.record.isEmpty { call.record = Array(record.object.text) }
                call.match = .none
                set(.ambiguous, of: call)
            }
        }
    }

    /// Whether a number may be the same, written without its country or with another prefix.
    private func isLike(_ number: UInt64, _ other: UInt64) -> Bool {
        let lastDigits: UInt64 = 10_000_000
        return other == 0 || (number != other && number % lastDigits == other % lastDigits)
    }

    /// Whether agent and time do not speak against it.
    private func isNear(_ record: CallRecord, _ call: FollowedCall) -> Bool {
        if record.isOf(agent: call.agentID) == false { return false }
        guard let time = record.time else { return true }
        return time >= earliest(of: call)
            && time - request.windowMilliseconds - max(0, clockLead) <= call.time
    }

    private func isSurely(_ record: CallRecord, _ call: FollowedCall) -> Bool {
        guard let time = record.time, record.isOf(agent: call.agentID) == true else { return false }
        return time >= call.time + max(0, clockLead) - CallWatch.sureMilliseconds
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
        append(changed, to: &text, withRecord: false)
        changed = []
    }

    override func appendState(to text: inout ByteBuffer) {
        append(to: &text, isReport: false)
        guard request.isList else { return }
        text.append(",\"calls\":[")
        append(calls, to: &text, withRecord: true)
    }

    override var tellsStateInErrors: Bool { true }

    /// With the bracket behind them.
    private func append(
        _ calls: [FollowedCall],
        to text: inout ByteBuffer,
        withRecord: Bool
    ) {
        var link: StaticString = ""
        for call in calls {
            text.append(link)
            link = ","
            text.append("{\"index\":")
            text.append(decimal: call.place)
            text.append(member: "state", Array(call.state.name.bytes))
            call.append(to: &text, withRecord: withRecord)
            text.append("}")
        }
        text.append("]")
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
            for (state, count) in counts.enumerated() {
                guard let state = FollowedCall.State(rawValue: state) else { continue }
                text.append(count: state.name, count)
            }
        } else {
            calls[0].append(to: &text, withRecord: !isReport)
        }
        appendCourse(to: &text)
        text.append(count: "looks", looks)
    }
}
