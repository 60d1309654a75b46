import CTrillet

/// A submitted call.
///
/// It belongs to the event loop's thread from the moment it is handed over. Once it is over it may
/// be used for another call: its memory is made on one thread and given back on another, which
/// malloc is slow at.
final class Job: TurnTaker {
    enum State {
        case queued
        /// There was no room for it, which its callback is still to be told.
        case refused
        case pausing
        case running
        case ended
    }

    /// Given by the table that it is entered in.
    var id: UInt64 = 0
    private(set) var done: trillet_done_fn?
    private(set) var userData: UnsafeMutableRawPointer?
    private(set) var target = RequestTarget.raw(.empty)
    private var started = MonotonicTime.distantPast
    /// What the call refers to of the host's text, which is only lent.
    private var text = ByteBuffer()
    /// For the request of the next call.
    private var block = ByteBuffer()

    /// nil when the request was refused.
    var call: PreparedRequest?
    var state = State.queued
    var answer: FinishedRequest?
    var transfer: Transfer?
    var turn: Turn?
    /// Since when it has waited for its turn; nil when it had it at once.
    var waitsSince: MonotonicTime?
    /// 1 once the function that handed it over has returned, or is about to.
    private let submitFlag = SharedNumber()

    /// What a job holds on to between two calls.
    private static let keptCapacity = 4096

    init() {
    }

    func prepare(
        client: Client,
        operation: Bytes,
        request: Bytes,
        options: Bytes,
        started: MonotonicTime,
        done: trillet_done_fn?,
        userData: UnsafeMutableRawPointer?
    ) {
        self.done = done
        self.userData = userData
        self.started = started
        submitFlag.store(0)

        var target = RequestTarget.named(operation)
        let lent = target.lentText(operation: operation, request: request)
        text.append(lent.operation)
        text.append(lent.request)
        let isKept = !text.isOutOfMemory
        if isKept, case .raw = target {
            target = .raw(text.bytes.slice(0, lent.operation.count))
        }
        let keepsRequest = isKept && lent.request.count > 0
        let request = keepsRequest ? text.bytes.slice(lent.operation.count, text.count) : request
        self.target = target
        var block = ByteBuffer()
        swap(&block, &self.block)
        do throws(Failure) {
            guard isKept else { throw Failure.outOfMemory }
            call = try PreparedRequest(
                target,
                of: client,
                request: request,
                options: options,
                started: started,
                block: block
            )
        } catch {
            end(error, of: client)
        }
    }

    /// Lets go of its call, whose answer the host has.
    func becomeSpare() {
        if let call = call.take() { block = call.takeBlock() }
        block.removeAll(keepingAtMost: Job.keptCapacity)
        text.removeAll(keepingAtMost: Job.keptCapacity)
        target = .raw(.empty)
        answer = nil
        turn = nil
        waitsSince = nil
        state = .queued
    }

    var operation: Int { target.index }

    var isWaiting: Bool { state == .queued }

    var isUnderWay: Bool { state != .ended && state != .refused }

    /// Ends the call without another attempt.
    func end(_ failure: Failure, of client: Client) {
        state = .ended
        if let finished = call?.fail(failure, of: client) {
            answer = finished
        } else {
            answer = UnpreparedRequest(target: target, started: started).fail(failure, of: client)
        }
    }

    /// Ends the call for lack of room, without a text yet.
    func refuse(of client: Client) -> RefusedRequest {
        state = .ended
        UnpreparedRequest(target: target, started: started).note(RefusedRequest.failure, of: client)
        return RefusedRequest(target)
    }

    func end(_ finished: FinishedRequest) {
        state = .ended
        answer = finished
    }

    // MARK: The function that hands it over

    func submitReturns() {
        submitFlag.store(1)
    }

    var hasSubmitReturned: Bool { submitFlag.load() != 0 }
}

extension RequestTarget {
    /// The parts of the host's text that the call must have a copy of.
    fileprivate func lentText(operation: Bytes, request: Bytes) -> (
        operation: Bytes, request: Bytes
    ) {
        switch self {
        case .known: (.empty, keepsRequestText ? request : .empty)
        case .raw: (operation, .empty)
        }
    }
}
