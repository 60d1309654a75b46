/// `calls.find`: whether there was a call of an agent to a number since a time.
///
/// "no" needs the whole history since then, read once every such call must be in it.
/// docs/decisions.md, certain-no.
final class CallFind: FollowSeries {
    static let id: StaticString = "calls.find"

    private enum Verdict {
        case yes
        case no
        case unreadable
        case ambiguous
        case uncovered

        var name: StaticString {
            switch self {
            case .yes: "yes"
            case .no: "no"
            default: "unknown"
            }
        }

        var reason: StaticString {
            switch self {
            case .yes, .no: "null"
            case .unreadable: "\"unreadable\""
            case .ambiguous: "\"ambiguous\""
            case .uncovered: "\"uncovered\""
            }
        }
    }

    private let calls: CallWatch
    private var walk = HistoryWalk(bound: nil)
    private var isWalking = false
    private let settled: MonotonicTime
    private var isSettled = false
    private var fullest = 0
    private var verdict = Verdict.unreadable

    static func make(
        _ client: Client,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> FollowSeries {
        CallFind(try CallWatch.make(client, try .toFind(request), options: options), options)
    }

    private init(_ calls: CallWatch, _ options: Bytes) {
        self.calls = calls
        // The service may have got the request late: what counts is the time since it was given up.
        settled = calls.started.advanced(byMilliseconds: calls.request.settleMilliseconds)
        super.init(calls, name: CallFind.id, options: options)
        target = .known(OperationTable.callsHistory)
    }

    override func goOn() throws(Failure) -> Next {
        if !isWalking {
            isWalking = true
            calls.noteLook()
            isSettled = MonotonicTime.now >= settled
            walk = HistoryWalk(bound: calls.earliest(of: calls.calls[0]), isStrict: true)
        }
        text = walk.request(ids: nil)
        return .ask
    }

    override func take(_ data: JSONValue?) throws(Failure) -> Next {
        walk.extend(to: calls.earliest(of: calls.calls[0]))
        guard let end = walk.take(data, fullest: &fullest, { _ = calls.see($0) }) else {
            try calls.noteUnusable("The service's answer is no page of the call history")
            return .reportAndPause
        }
        calls.noteUsable()
        if end == .more { return .goOn }
        isWalking = false
        switch calls.calls[0].state {
        case .notListed:
            if end == .covered, !isSettled {
                calls.rest = settled.millisecondsFromNow
                return .reportAndPause
            }
            verdict = end == .covered ? .no : .uncovered
        case .ambiguous: verdict = .ambiguous
        default: verdict = end == .covered ? .yes : .uncovered
        }
        return .reportAndEnd(.calls)
    }

    /// At the deadline nothing is known.
    override func end(insteadOf failure: Failure) -> Watch.End? {
        failure.kind == .timeout || failure.kind == .response ? .calls : nil
    }

    override func finish(_ end: Watch.End?, _ text: inout ByteBuffer) throws(Failure) {
        guard end != nil else { return }
        calls.appendState(to: &text)
        text.append(",\"found\":")
        text.append(jsonString: verdict.name.bytes)
        text.append(",\"reason\":")
        text.append(verdict.reason)
        text.append(UInt8(ascii: "}"))
    }
}
