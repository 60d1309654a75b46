/// `calls.wait`: looks at calls in the history until they have ended.
///
/// Calls with an id are asked for by it, many at once. Where the service does not find them so, and
/// for calls that are known by their number, the history is walked. docs/decisions.md, calls-by-id.
final class CallWait: FollowSeries {
    static let id: StaticString = "calls.wait"

    private enum Stage {
        case start
        case ids
        case walk
        case end
    }

    /// Whether the history's filter by ids finds the calls.
    private enum Filter {
        case untried
        case works
        case fails
    }

    private let calls: CallWatch
    private var stage = Stage.start
    private var filter = Filter.untried
    /// The calls that this look is about.
    private var wanted: [FollowedCall] = []
    /// Of those, the ones that are asked for by id at once.
    private var chunkStart = 0
    private var chunkEnd = 0
    private var walk = HistoryWalk(bound: nil)
    /// No service has pages of less.
    private var fullest = 10

    /// So long a query is taken by every server.
    private static let longestQuery = 4000
    /// How far the history is walked for a call whose time is not known: no call lasts longer.
    private static let longestCall = 3_600_000
    /// A call appears late: the first looks do not walk for one that may not be there yet.
    private static let looksBeforeWalk = 4

    static func make(
        _ client: Client,
        request: Bytes,
        options: Bytes
    ) throws(Failure) -> FollowSeries {
        CallWait(try CallWatch.make(client, try .toWait(request), options: options), options)
    }

    private init(_ calls: CallWatch, _ options: Bytes) {
        self.calls = calls
        super.init(calls, name: CallWait.id, options: options)
        target = .known(OperationTable.callsHistory)
    }

    // MARK: The course of a look

    override func goOn() throws(Failure) -> Next {
        while true {
            switch stage {
            case .start:
                calls.noteLook()
                wanted = calls.open
                if wanted.isEmpty { return .reportAndEnd(.calls) }
                startChunk(at: 0)
            case .ids:
                if filter != .fails, askForChunk() { return .ask }
                startWalk()
            case .walk:
                text = walk.request(ids: nil)
                return .ask
            case .end:
                calls.endLook(wanted)
                stage = .start
                return calls.open.isEmpty ? .reportAndEnd(.calls) : .reportAndPause
            }
        }
    }

    override func take(_ data: JSONValue?) throws(Failure) -> Next {
        var hasForeign = false
        let end = walk.take(data, fullest: &fullest) { record in
            if !calls.see(record) { hasForeign = true }
        }
        guard let end else {
            try calls.noteUnusable("The service's answer is no page of the call history")
            return .reportAndPause
        }
        calls.noteUsable()
        if stage == .ids, hasForeign {
            // It has not filtered.
            filter = .fails
            startWalk()
        } else if end != .more || !isAnyMissing {
            endWalk()
        }
        // A look at many calls takes long: what it has shown is told at once.
        return calls.hasChanges && wanted.count > HistoryWalk.pageSize ? .report : .goOn
    }

    override func take(_ failure: Failure, _ body: ErrorBody) throws(Failure) -> Next? {
        if HistoryWalk.isEmpty(failure, body) {
            calls.noteUsable()
            endWalk()
            return .goOn
        }
        guard stage == .ids, failure.kind == .rejected else { return nil }
        filter = .fails
        return .goOn
    }

    /// Whether the pages that follow may show something.
    private var isAnyMissing: Bool {
        let isWalk = stage == .walk
        for place in (isWalk ? 0 : chunkStart)..<(isWalk ? wanted.count : chunkEnd) {
            let call = wanted[place]
            if call.seenIn != calls.looks || (isWalk && isDoubtful(call)) { return true }
        }
        return false
    }

    private func endWalk() {
        if stage == .walk {
            stage = .end
            return
        }
        for place in chunkStart..<chunkEnd where !wanted[place].isNumbered {
            let seen = wanted[place].seenIn
            if seen == calls.looks {
                filter = .works
            } else if filter == .untried, seen > 0 {
                filter = .fails
            }
        }
        startChunk(at: chunkEnd)
    }

    private func startChunk(at start: Int) {
        stage = .ids
        chunkStart = start
        chunkEnd = start
        walk = HistoryWalk(bound: nil)
    }

    /// Whether it is known by its number, so that a second such call must not be missed.
    private func isDoubtful(_ call: FollowedCall) -> Bool {
        call.isNumbered && calls.isOpen(call) && (call.callID.isEmpty || !calls.isSettled(call))
    }

    private func startWalk() {
        stage = .end
        var bound = Int.max
        let walksForIDs =
            filter == .fails
            || (filter == .untried && calls.looks % CallWait.looksBeforeWalk == 0)
        for call in wanted {
            let isMissing = call.seenIn != calls.looks && (walksForIDs || call.seenIn > 0)
            guard isDoubtful(call) || (isMissing && filter != .works) else { continue }
            stage = .walk
            bound = min(
                bound,
                call.time == 0
                    ? Int(WallClock.milliseconds) - CallWait.longestCall
                    : calls.earliest(of: call)
            )
        }
        walk = HistoryWalk(bound: bound)
    }

    // MARK: Requests

    /// False when there is no call left to be asked for by its id.
    private func askForChunk() -> Bool {
        var ids = ByteBuffer(capacity: CallWait.longestQuery)
        var end = chunkStart
        var count = 0
        while end < wanted.count, count < HistoryWalk.pageSize, ids.count < CallWait.longestQuery {
            let call = wanted[end]
            end += 1
            for id in [call.callID, call.roomName] where !id.isEmpty {
                if ids.count > 0 { ids.append(UInt8(ascii: ",")) }
                ids.append(jsonString: id)
                count += 1
            }
        }
        chunkEnd = end
        if count == 0 { return false }
        text = walk.request(ids: ids.bytes)
        return true
    }

    // MARK: The end

    override func finish(_ end: Watch.End?, _ text: inout ByteBuffer) throws(Failure) {
        guard let end else { return }
        calls.appendState(to: &text)
        text.append(",\"endedBy\":")
        text.append(jsonString: end.name.bytes)
        text.append(UInt8(ascii: "}"))
    }
}
