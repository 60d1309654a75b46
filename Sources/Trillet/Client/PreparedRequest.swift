import CTrillet

/// A call with its request made and checked, and what its attempts have brought so far.
///
/// It neither waits nor sends: whoever drives it does, on the caller's thread or on the event loop.
struct PreparedRequest: ~Copyable {
    let target: RequestTarget
    let started: MonotonicTime
    let deadline: MonotonicTime
    /// Until when it may wait before it starts.
    let startDeadline: MonotonicTime
    private(set) var request: HTTPRequest
    private let headers: HeaderList
    private let retries: RetryPolicy
    /// For a request of the library's own, in place of an envelope.
    private let outcome: RequestOutcome?
    /// nil when it is known which route the service has.
    private let trial: RouteTrial?
    /// Whether nobody has said which.
    private let choosesRoute: Bool

    private(set) var attempts = 0
    private var retried: [RetriedAttempt] = []
    /// Whether the service can have acted on one of the attempts so far.
    private var sentBefore = Sent.no
    private var turnMicroseconds: Int64 = 0
    private var turnWaits = 0
    private var traffic = Traffic()

    /// What is to follow an attempt.
    struct Verdict {
        let next: Next
        /// For how long the service asked this client to send nothing, in milliseconds. To be kept
        /// before another request takes the place of this one.
        var holdsClient: Int?

        enum Next {
            case finished(FinishedRequest)
            case again(pauseMilliseconds: Int)
        }
    }

    init(
        _ target: RequestTarget,
        of client: Client,
        request text: Bytes,
        options optionsText: Bytes,
        started: MonotonicTime,
        block: consuming ByteBuffer = ByteBuffer(),
        outcome: RequestOutcome?
    ) throws(Failure) {
        // Most requests have none of their own.
        let options =
            optionsText.count == 0
            ? client.requestDefaults
            : try RequestOptions(json: optionsText, defaults: client.requestDefaults)
        let choosesRoute = options.routes == .auto
        let isOpen = choosesRoute && client.routes.isOpen(target)
        let style = choosesRoute ? client.routes.style(of: target) : options.routes
        var request = try target.makeBuilder(style, validation: options.validation).build(
            from: text,
            into: block,
            baseURL: client.urlPrefix.bytes,
            timeoutMilliseconds: options.timeoutMilliseconds,
            notAfter: options.notAfter
        )
        let kind = target.answerKind
        var traits = RequestTraits(body: request.body, answersJSON: kind == .json)
        traits.answersBytes = kind == .binary
        if options.hasHeaders || traits.answersBytes {
            headers = try RequestHeaders(options, of: client.options).makeList(for: traits)
            request.headers = headers.lines(for: traits)
        } else {
            headers = HeaderList()
            request.headers = client.headers.list(for: traits)
        }
        trial = isOpen ? RouteTrial(text, validation: options.validation) : nil
        self.choosesRoute = choosesRoute
        self.target = target
        self.started = started
        self.outcome = outcome
        self.request = request
        retries = options.retries
        let deadline = started.advanced(byMilliseconds: options.timeoutMilliseconds)
        self.deadline = deadline
        let notAfter = options.notAfter
        startDeadline = notAfter.isNever ? deadline : min(deadline, notAfter.monotonic)
    }

    /// The block that the request's JSON is in, for the next request.
    mutating func takeBlock() -> ByteBuffer { request.takeJSON() }

    /// Has the host hear of the file that the answer is written to.
    func report(to progress: DownloadProgress) throws(Failure) {
        guard let download = request.download else { throw FieldCheck.missing("file") }
        download.progress = progress
    }

    // MARK: An attempt

    /// The time that the next attempt may take.
    func remainingMilliseconds() -> Int {
        // The first attempt of a call that did not wait has all the time, and libcurl needs no new
        // figure for each call.
        if attempts <= 1, turnWaits == 0 { return request.timeoutMilliseconds }
        return max(1, deadline.millisecondsFromNow)
    }

    mutating func noteTurn(waitedMicroseconds: Int64) {
        turnWaits += 1
        turnMicroseconds += waitedMicroseconds
    }

    /// What a wait ends with that was in vain.
    func endOfWait(_ failure: Failure) -> Failure {
        failure.isRetryable && startDeadline < deadline ? .startsTooLate : failure
    }

    mutating func noteAttempt(of client: Client) throws(Failure) {
        if request.notAfter.isPast { throw Failure.startsTooLate }
        attempts += 1
        client.observer.attemptStarted(target.name, attempts)
    }

    /// Whoever drives the transfer ends it when its time is over.
    func begin(on transfer: Transfer) throws(Failure) {
        try transfer.begin(request, timeoutMilliseconds: 0, startsBefore: deadline)
    }

    /// Decides on an attempt that has ended. `outcome` returns the status of a complete answer, which
    /// `transfer` holds.
    @inline(__always)
    mutating func judge(
        from transfer: Transfer,
        of client: Client,
        _ outcome: () throws(Failure) -> Int
    ) -> Verdict {
        do throws(Failure) {
            return judge(status: try outcome(), from: transfer, of: client)
        } catch {
            return judge(error, from: transfer, of: client)
        }
    }

    @_optimize(speed)
    private mutating func judge(
        status: Int,
        from transfer: Transfer,
        of client: Client
    ) -> Verdict {
        traffic.add(transfer.traffic)
        if status / 100 == 2 {
            if let trial { client.routes.learn(trial.style, of: target) }
            return Verdict(next: .finished(succeed(status, transfer, client)))
        }
        var answer = ErrorAnswer(
            status: status,
            from: transfer,
            method: request.method,
            isRepeatable: request.isRepeatable
        )
        if let trial, answer.isWithoutRoute, !client.admission.isDrained {
            return leaveRoute(trial, after: answer, from: transfer, of: client)
        }
        if answer.isWithoutRoute, choosesRoute, target.replacesOnPublishedRoute {
            answer.tellOfReplacingRoute()
        }
        return judge(answer.failure, body: answer.body, from: transfer, of: client)
    }

    /// The service does not have the route. The other one follows; where that is missing as well, the
    /// answer from the first is the better one. docs/decisions.md, auto-routes.
    @inline(never)
    private mutating func leaveRoute(
        _ trial: RouteTrial,
        after answer: ErrorAnswer,
        from transfer: Transfer,
        of client: Client
    ) -> Verdict {
        if let missed = trial.missed {
            return Verdict(next: .finished(missed.fail(self, of: client)))
        }
        trial.miss(answer, requestID: transfer.headers.requestID.bytes)
        do throws(Failure) {
            let headers = request.headers
            request = try target.makeBuilder(.published, validation: trial.validation).build(
                from: trial.text,
                baseURL: client.urlPrefix.bytes,
                timeoutMilliseconds: request.timeoutMilliseconds,
                notAfter: request.notAfter
            )
            request.headers = headers
        } catch {
            return Verdict(next: .finished(fail(error, of: client)))
        }
        noteRetry(after: answer.failure, pauseMilliseconds: 0, routes: "published", of: client)
        return Verdict(next: .again(pauseMilliseconds: 0))
    }

    @inline(never)
    private mutating func judge(
        _ failure: Failure,
        from transfer: Transfer,
        of client: Client
    ) -> Verdict {
        traffic.add(transfer.traffic)
        if failure.sent == .no, failure.kind == .invalidArgument { attempts -= 1 }
        return judge(failure, body: .none, from: transfer, of: client)
    }

    @inline(never)
    private mutating func judge(
        _ failure: Failure,
        body: ErrorBody,
        from transfer: Transfer,
        of client: Client
    ) -> Verdict {
        let hold = retries.holdMilliseconds(after: failure)
        guard let pause = pauseMilliseconds(after: failure, of: client) else {
            let requestID = transfer.headers.requestID.bytes
            let finished = fail(failure, body: body, requestID: requestID, of: client)
            return Verdict(next: .finished(finished), holdsClient: hold)
        }
        sentBefore = max(sentBefore, failure.sent)
        noteRetry(after: failure, pauseMilliseconds: pause, of: client)
        return Verdict(next: .again(pauseMilliseconds: pause), holdsClient: hold)
    }

    private mutating func noteRetry(
        after failure: Failure,
        pauseMilliseconds: Int,
        routes: StaticString? = nil,
        of client: Client
    ) {
        retried.append(
            RetriedAttempt(
                kind: failure.kind,
                status: failure.status,
                sent: failure.sent,
                pauseMilliseconds: pauseMilliseconds
            )
        )
        client.observer.attemptFailed(
            target.name,
            attempts,
            failure,
            pauseMilliseconds,
            routes,
            mask: mask(of: client)
        )
    }

    private func pauseMilliseconds(after failure: Failure, of client: Client) -> Int? {
        if client.admission.isDrained { return nil }
        // What it is begun anew for is no fault of the service's. docs/decisions.md, resumed-downloads.
        if request.download?.mustBeginAnew == true { return 0 }
        var random = RandomNumbers()
        return retries.pauseMilliseconds(
            after: failure,
            // The other route is no attempt more at the same.
            attempts: trial?.missed == nil ? attempts : attempts - 1,
            remainingMilliseconds: startDeadline.millisecondsFromNow,
            random: &random
        )
    }

    // MARK: The end

    @_optimize(speed)
    private func succeed(_ status: Int, _ transfer: Transfer, _ client: Client) -> FinishedRequest {
        let meta = makeMeta()
        let answer = Answer(
            status: status,
            transfer: transfer,
            expected: target.answerKind,
            method: request.method,
            isAboutCall: target.isAboutCall,
            download: request.download
        )
        do throws(Failure) {
            let finished: FinishedRequest
            if let outcome {
                try answer.move(to: outcome, meta)
                finished = .withoutText
            } else {
                finished = FinishedRequest(try answer.envelope(meta))
            }
            end(nil, meta, status: status, client)
            return finished
        } catch {
            return fail(
                error,
                body: request.download == nil ? .text(transfer.body.bytes) : .none,
                requestID: transfer.headers.requestID.bytes,
                of: client
            )
        }
    }

    /// The answer to a call that ends without another attempt.
    func fail(
        _ failure: Failure,
        body: ErrorBody = .none,
        requestID: Bytes = .empty,
        of client: Client
    ) -> FinishedRequest {
        var failure = failure
        request.download?.leave(after: failure)
        failure.sent = max(failure.sent, sentBefore)
        if failure.sent == .maybe {
            failure.lookFor = target.lookFor
            failure.find = callInQuestion
        }
        let meta = makeMeta()
        let mask = mask(of: client)
        end(failure, meta, status: failure.status, client, mask)
        if let outcome {
            outcome.fail(failure, body: body, meta, requestID: requestID)
            return .withoutText
        }
        let capacity = body.count
        return FinishedRequest(
            Envelope(meta, capacity: capacity)
                .failure(failure, body: body, requestID: requestID, mask: mask)
        )
    }

    @inline(never)
    private func mask(of client: Client) -> SecretMask {
        var mask = client.mask
        request.hideSecrets(by: &mask)
        return mask
    }

    @_optimize(speed)
    private func end(
        _ failure: Failure?,
        _ meta: RequestMeta,
        status: Int,
        _ client: Client,
        _ mask: SecretMask? = nil
    ) {
        client.observer.callEnded(
            record(failure?.kind, meta),
            target.name,
            attempts: attempts,
            status: status,
            failure,
            mask: mask
        )
    }

    @_optimize(speed)
    private func makeMeta() -> RequestMeta {
        RequestMeta(
            operation: target.name,
            started: started,
            attempts: attempts,
            retried: retried,
            turnMicroseconds: turnMicroseconds
        )
    }

    @_optimize(speed)
    private func record(_ failure: FailureKind?, _ meta: RequestMeta) -> RequestRecord {
        var record = RequestRecord(
            operationIndex: target.index,
            failure: failure,
            latencyMicroseconds: meta.elapsedMicroseconds
        )
        record.retries = retried.count
        record.backoffs = retried.count
        for attempt in retried {
            record.backoffMicroseconds += Int64(attempt.pauseMilliseconds) * 1000
        }
        record.turnWaits = turnWaits
        record.turnMicroseconds = turnMicroseconds
        record.bytesSent = traffic.bytesSent
        record.bytesReceived = traffic.bytesReceived
        record.connectionsOpened = traffic.connectionsOpened
        record.connectionsReused = traffic.connectionsReused
        return record
    }
}
