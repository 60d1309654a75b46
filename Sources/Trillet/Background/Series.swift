import CTrillet

/// Answers that come one after the other, each from as many requests as it takes: the pages of a list,
/// the reports on a batch.
///
/// It says what to do next and does not wait. Whoever runs it does: a blocking function on its own
/// thread, or the event loop. This class itself is a series that was asked for by mistake.
class Series {
    enum Step {
        /// Its request is to be made.
        case ask
        case pause(until: MonotonicTime)
        /// How a batch stands, on the way to the answer.
        case report
        case answer(FinishedRequest)
        /// There is nothing more.
        case over
    }

    final let client: Client?
    /// The operation in `meta` of what is no answer to one request.
    final private var nameText = ByteBuffer()
    final private var givenOptions = ByteBuffer()
    final private var mistake: Failure?
    /// Whether it has told that it is the parent's.
    final private var isLost = false
    /// When the next answer was asked for.
    final private(set) var started = MonotonicTime.now

    // The request to be made.
    final var target = RequestTarget.raw(.empty)
    final var text = ByteBuffer()
    /// In place of the options that were given, unless it is empty.
    final var ownOptions = ByteBuffer()

    // The report to be given.
    final var reportText = ByteBuffer()
    final var attempts = 0

    /// Whether the next page is worth fetching before it is asked for.
    final var wantsAhead = false
    final private var ahead: PageAhead?
    /// The host wants no more.
    final private(set) var isStopped = false
    /// The last answer that the event loop was asked for. Of the host's threads alone.
    final private var submitted: UInt64 = 0

    init(_ client: Client?, name: Bytes, options: Bytes, mistake: Failure? = nil) {
        self.client = client
        self.mistake = mistake
        nameText.append(RawOperation.shownName(name))
        givenOptions.append(options)
        if nameText.isOutOfMemory || givenOptions.isOutOfMemory { self.mistake = .outOfMemory }
    }

    final var name: Bytes { nameText.bytes }

    final var options: Bytes { ownOptions.count > 0 ? ownOptions.bytes : givenOptions.bytes }

    /// What to do next; after a request with its outcome, which is nil after a pause. One that was
    /// cancelled is followed by an answer.
    func step(_ outcome: RequestOutcome?) -> Step {
        guard let failure = mistake, !isStopped else { return .over }
        isStopped = true
        return .answer(fail(failure))
    }

    /// What comes next is the end.
    final func stop() { isStopped = true }

    /// Drops what is under way.
    final func close() {
        ahead?.cancel()
        ahead = nil
        _ = dispatcher?.cancel(submitted)
    }

    final func fail(_ failure: Failure, body: JSONValue? = nil) -> FinishedRequest {
        let meta = RequestMeta(operation: name, started: started, attempts: body == nil ? 0 : 1)
        return FinishedRequest(
            Envelope(meta).failure(
                failure,
                body: body.map { .json($0.text) } ?? .none,
                requestID: .empty
            )
        )
    }

    // MARK: On the host's thread

    /// Makes requests until there is an answer, or a report.
    final func run(_ first: RequestOutcome? = nil) -> Step {
        started = .now
        if isBusy { return .answer(fail(Series.isOnItsWay)) }
        if let client, client.isForked {
            defer { isLost = true }
            return isLost ? .over : .answer(fail(Failure.forked))
        }
        var outcome = first
        while true {
            let step = step(outcome)
            guard let client else { return step }
            switch step {
            case .ask:
                outcome = BlockingRequest.outcome(of: self, client: client)
            case .pause(let end):
                outcome = nil
                var interrupt = client.interruption.watch()
                do throws(Failure) {
                    try client.callers.idle(until: end, &interrupt)
                } catch {
                    outcome = RequestOutcome(error)
                }
            case .report, .answer, .over:
                return step
            }
        }
    }

    /// The next answer, a report among them; nil when there is none.
    final func next() -> FinishedRequest? {
        wantsAhead = false
        let next = run(takeAhead())
        if wantsAhead, case .ask = step(nil) { ahead = PageAhead.start(self) }
        return answer(next)
    }

    private final func takeAhead() -> RequestOutcome? {
        guard let ahead, client?.isForked == false else { return nil }
        self.ahead = nil
        guard let outcome = ahead.wait() else {
            ahead.cancel()
            return nil
        }
        // A request that blocks needs no room in the queue.
        return outcome.failure?.code?.bytes.equals("queue_full") == true ? nil : outcome
    }

    final func answer(_ step: Step) -> FinishedRequest? {
        switch step {
        case .report: success(reportText.bytes)
        case .answer(let finished): finished
        case .ask, .pause, .over: nil
        }
    }

    private static var isOnItsWay: Failure {
        .invalidArgument("The next page is on its way already (trillet_pager_submit)")
    }

    // MARK: On the event loop

    final var isBusy: Bool { dispatcher?.inbox.find(submitted) != nil }

    /// None in a forked child: a thread of the parent may have held its lock when it was copied.
    private final var dispatcher: Dispatcher? {
        client?.isForked == false ? client?.dispatch.started : nil
    }

    /// Has it make the next answer; 0 when it cannot.
    final func submit(
        _ done: trillet_done_fn?,
        _ userData: UnsafeMutableRawPointer?
    ) -> UInt64 {
        guard let client, !client.isForked, !client.callers.isClosed, !isBusy,
            let dispatcher = client.dispatch.start(for: client)
        else { return 0 }
        started = .now
        let job = dispatcher.makeJob()
        job.prepare(self, of: client, done: done, userData: userData)
        submitted = dispatcher.submit(job)
        return submitted
    }

    /// What the host gets after the last answer.
    final func end() -> FinishedRequest { success(("null" as StaticString).bytes) }

    private final func success(_ data: Bytes) -> FinishedRequest {
        let meta = RequestMeta(operation: name, started: started, attempts: attempts)
        return FinishedRequest(
            Envelope(meta, capacity: data.count)
                .success(status: 200, data: data, requestID: .empty)
        )
    }
}
