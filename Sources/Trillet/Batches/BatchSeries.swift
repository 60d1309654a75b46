import CTrillet

/// What is told about a batch that is followed: reports, and then the answer.
class BatchSeries: Series {
    final let watch: BatchWatch
    /// What is answered once the host has the report before it.
    final private var end: BatchWatch.End?
    final private var pauseEnd: MonotonicTime?
    final private var isOver = false
    /// What it means that there is nothing of what is asked for.
    final var whenNotFound: Failure?

    /// What follows a request.
    enum Next {
        case ask
        case goOn
        case report
        case reportAndPause
        case reportAndEnd(BatchWatch.End)
    }

    init(_ watch: BatchWatch, name: StaticString, options: Bytes) {
        self.watch = watch
        super.init(watch.client, name: name.bytes, options: options)
    }

    // MARK: What is followed

    /// What to do where no request is under way; `ask` with the request made.
    func goOn() throws(Failure) -> Next {
        watch.noteLook()
        return ask(OperationTable.batchCallsProgress) { _ in }
    }

    /// Takes in what the service has answered.
    func take(_ data: JSONValue?) throws(Failure) -> Next { .reportAndPause }

    /// The data of the last answer; without an end it has failed.
    func finish(_ end: BatchWatch.End?, _ text: inout ByteBuffer) throws(Failure) {
        if let end { watch.appendFinalState(to: &text, end) }
    }

    final func ask(_ operation: Operation, _ appendMembers: (inout ByteBuffer) -> Void) -> Next {
        target = .known(operation)
        whenNotFound = nil
        text = watch.makeRequest(appendMembers)
        return .ask
    }

    // MARK: The course of it

    final override func step(_ outcome: RequestOutcome?) -> Step {
        if isOver { return .over }
        do throws(Failure) {
            if let outcome {
                defer { withExtendedLifetime(outcome) {} }
                return try follow(try take(outcome))
            }
            if let end { return try conclude(end) }
            if isStopped { return try conclude(.progress) }
            if let pauseEnd {
                self.pauseEnd = nil
                return .pause(until: pauseEnd)
            }
            return try follow(try goOn())
        } catch {
            isOver = true
            var unused = ByteBuffer()
            try? finish(nil, &unused)
            return .answer(watch.fail(name, error))
        }
    }

    final private func take(_ outcome: RequestOutcome) throws(Failure) -> Next {
        let isAnswered: Bool
        do throws(Failure) {
            isAnswered = try watch.take(outcome)
        } catch {
            throw error.kind == .notFound ? whenNotFound ?? error : error
        }
        return isAnswered ? try take(outcome.data) : .reportAndPause
    }

    final private func follow(_ next: Next) throws(Failure) -> Step {
        var nextLook = 0
        switch next {
        case .ask:
            ownOptions = try watch.optionsNow()
            return .ask
        case .goOn:
            return try follow(try goOn())
        case .report:
            break
        case .reportAndPause:
            (nextLook, pauseEnd) = watch.beginPause()
        case .reportAndEnd(let end):
            self.end = end
        }
        reportText = watch.report(nextLook: nextLook)
        attempts = watch.attempts
        return .report
    }

    final private func conclude(_ end: BatchWatch.End) throws(Failure) -> Step {
        var data = ByteBuffer(capacity: 512)
        try finish(end, &data)
        if data.isOutOfMemory { throw Failure.outOfMemory }
        isOver = true
        return .answer(watch.succeed(name, data: data.bytes))
    }

    // MARK: On the host's thread

    /// The last answer; the reports before it are for the host's function.
    final func last(
        _ progress: trillet_progress_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) -> FinishedRequest {
        while true {
            switch run() {
            case .answer(let finished): return finished
            case .report: tell(progress, userData)
            case .ask, .pause, .over: return .withoutText
            }
        }
    }

    final private func tell(
        _ progress: trillet_progress_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) {
        guard let progress, let text = reportText.terminated() else { return }
        if progress(userData, text) != 0 { stop() }
    }
}
