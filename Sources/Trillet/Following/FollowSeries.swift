import CTrillet

/// What is told about something that is followed: reports, and then the answer.
class FollowSeries: Series {
    final let watch: Watch
    /// What is answered once the host has the report before it.
    final private var end: Watch.End?
    final private var pauseEnd: MonotonicTime?
    final private var isOver = false

    /// What follows a request.
    enum Next {
        case ask
        case goOn
        case report
        case reportAndPause
        case reportAndEnd(Watch.End)
    }

    init(_ watch: Watch, name: StaticString, options: Bytes) {
        self.watch = watch
        super.init(watch.client, name: name.bytes, options: options)
    }

    // MARK: What is followed

    /// What to do where no request is under way; `ask` with the request made.
    func goOn() throws(Failure) -> Next { .reportAndPause }

    /// Takes in what the service has answered.
    func take(_ data: JSONValue?) throws(Failure) -> Next { .reportAndPause }

    /// What follows a request that has failed, where that says something about what is followed.
    func take(_ failure: Failure, _ body: ErrorBody) throws(Failure) -> Next? { nil }

    /// The data of the last answer; without an end it has failed.
    func finish(_ end: Watch.End?, _ text: inout ByteBuffer) throws(Failure) {}

    /// What the failure that would end it means instead.
    func end(insteadOf failure: Failure) -> Watch.End? { nil }

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
            if let end = end(insteadOf: error), let step = try? conclude(end) { return step }
            isOver = true
            var unused = ByteBuffer()
            try? finish(nil, &unused)
            return .answer(watch.fail(name, error))
        }
    }

    final private func take(_ outcome: RequestOutcome) throws(Failure) -> Next {
        watch.count(outcome)
        if let failure = outcome.failure, let next = try take(failure, outcome.errorBody) {
            return next
        }
        return try watch.take(outcome) ? try take(outcome.data) : .reportAndPause
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

    final private func conclude(_ end: Watch.End) throws(Failure) -> Step {
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
