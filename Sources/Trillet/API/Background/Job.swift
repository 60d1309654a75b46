import CTrillet

/// A submitted call.
///
/// It belongs to the event loop's thread from the moment it is handed over.
final class Job {
    enum State {
        case queued
        case pausing
        case running
        case ended
    }

    /// Given by the table that it is entered in.
    var id: UInt64 = 0
    let done: trillet_done_fn?
    let userData: UnsafeMutableRawPointer?
    let target: CallTarget
    private let started: MonotonicTime
    /// What the call refers to of the host's text, which is only lent.
    private let text: ByteBuffer

    /// nil when the request was refused.
    var call: PreparedCall?
    var state = State.queued
    var answer: FinishedCall?
    var transfer: Transfer?
    /// Its place in the line, for all its attempts.
    var turn: Turn?
    /// Since when it has waited for its turn; nil when it had it at once.
    var waitsSince: MonotonicTime?
    /// 1 once the function that handed it over has returned, or is about to.
    /// A job without a callback needs none.
    private let submitFlag: UnsafeMutablePointer<Int32>?

    init(
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
        submitFlag = done == nil ? nil : .allocate(capacity: 1)
        submitFlag?.initialize(to: 0)

        var target = CallTarget.named(operation)
        let lent = target.lentText(operation: operation, request: request)
        var text = ByteBuffer(capacity: lent.operation.count + lent.request.count)
        text.append(lent.operation)
        text.append(lent.request)
        let isKept = !text.isOutOfMemory
        if isKept, case .raw = target {
            target = .raw(text.bytes.slice(0, lent.operation.count))
        }
        let keepsRequest = isKept && lent.request.count > 0
        let request = keepsRequest ? text.bytes.slice(lent.operation.count, text.count) : request
        self.target = target
        self.text = text
        do throws(Failure) {
            guard isKept else { throw Failure.outOfMemory }
            call = try PreparedCall(
                target,
                of: client,
                request: request,
                options: options,
                started: started
            )
        } catch {
            end(error, of: client)
        }
    }

    deinit {
        submitFlag?.deallocate()
    }

    /// Ends the call without another attempt.
    func end(_ failure: Failure, of client: Client) {
        state = .ended
        if let finished = call?.fail(failure, of: client) {
            answer = finished
        } else {
            answer = UnpreparedCall(target: target, started: started).fail(failure, of: client)
        }
    }

    /// Ends the call for lack of room, without a text yet.
    func refuse(of client: Client) -> RefusedCall {
        state = .ended
        UnpreparedCall(target: target, started: started).note(RefusedCall.failure, of: client)
        return RefusedCall(target)
    }

    func end(_ finished: FinishedCall) {
        state = .ended
        answer = finished
    }

    // MARK: The function that hands it over

    func submitReturns() {
        if let submitFlag { shim_flag_store(submitFlag, 1) }
    }

    var hasSubmitReturned: Bool {
        guard let submitFlag else { return true }
        return shim_flag_load(submitFlag) != 0
    }
}

extension CallTarget {
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
