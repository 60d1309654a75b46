/// What stands behind a `trillet_pager`: the pages of a list, one after the other.
final class Pager {
    private let client: Client?
    private let request: PagerRequest?
    private let options: [UInt8]
    /// The operation in `meta` when no request was made.
    private let name: [UInt8]
    /// A mistake in what it was made with, for the first page to tell.
    private let mistake: Failure?

    /// nil before the first page, when the service chooses it.
    private var page: Int?
    private var hasEnded = false
    private var isFirst = true
    /// How many items have come.
    private var received = 0
    private var total = 0
    /// The pages that have come, each by the ids on it.
    private var earlier = IDTable()
    private var ahead: PageAhead?

    init(client: Client?, operation: Bytes, request text: Bytes, options: Bytes) {
        self.client = client
        self.options = Array(options)
        name = Array(RawOperation.shownName(operation))
        do throws(Failure) {
            guard client != nil else { throw Failure.withoutClient }
            let request = try PagerRequest(operation: operation, request: text)
            self.request = request
            mistake = nil
            page = request.firstPage
        } catch {
            request = nil
            mistake = error
        }
    }

    /// The next page or what went wrong; nil after the last one.
    func next() -> FinishedRequest? {
        if hasEnded { return nil }
        guard let client, let request else {
            return mistake.map { end($0, started: .now) }
        }
        if client.isForked { return end(Failure.forked, started: .now) }
        let started = MonotonicTime.now
        let outcome = fetch(request, client, started)
        defer { withExtendedLifetime(outcome) {} }
        if let failure = outcome.failure {
            // A page whose call was interrupted may be asked for again, unless the client has closed.
            let isInterrupted = failure.kind == .cancelled && !client.callers.isClosed
            if !failure.isRetryable, !isInterrupted { hasEnded = true }
            return outcome.finished(client.mask)
        }
        do throws(Failure) {
            guard try take(outcome.data, request) else { return nil }
        } catch {
            return end(error, body: outcome.data, started: started)
        }
        if !hasEnded, request.prefetches {
            let text = request.text(page: page)
            ahead = options.withUnsafeBufferPointer { options in
                PageAhead.start(
                    request.operation,
                    request: text.bytes,
                    options: options,
                    of: client
                )
            }
        }
        return outcome.finished(client.mask)
    }

    /// Returns when nothing is under way.
    func close() {
        ahead?.cancel()
        ahead = nil
    }

    private func fetch(
        _ request: PagerRequest,
        _ client: Client,
        _ started: MonotonicTime
    ) -> RequestOutcome {
        if let ahead {
            self.ahead = nil
            if let outcome = ahead.wait() {
                // A request that blocks needs no room in the queue.
                if outcome.failure?.code?.bytes.equals("queue_full") != true { return outcome }
            } else {
                ahead.cancel()
            }
        }
        let text = request.text(page: page)
        return options.withUnsafeBufferPointer { options in
            BlockingRequest.outcome(
                of: request.operation,
                request: text.bytes,
                options: options,
                client: client,
                started: started
            )
        }
    }

    // MARK: What a page says

    /// Whether there is something on the page; throws when the list cannot be trusted.
    private func take(
        _ data: JSONValue?,
        _ request: PagerRequest
    ) throws(Failure) -> Bool {
        guard let data, let list = ListPage(data, of: request.operation) else {
            throw Pager.unusable("The service's answer holds no list")
        }
        let number = page ?? 1
        guard list.isPaged else {
            hasEnded = true
            if number == 1 { return true }
            throw Pager.unusable(
                "The service answered with the whole list in one; there is no page \(number)"
            )
        }
        if let now = list.total {
            guard now >= total else {
                throw Pager.unusable(
                    """
                    The list has shrunk from \(total) to \(now) items between two pages, so that \
                    some may have been passed over; begin again
                    """
                )
            }
            total = now
        }
        let isFromStart = (request.firstPage ?? 1) == 1
        let count = list.count
        if count == 0 {
            guard !isFromStart || received >= total else {
                throw Pager.unusable(
                    "Page \(number) is empty, but \(received) of \(total) items have come"
                )
            }
            hasEnded = true
            return isFirst
        }
        let ids = list.ids
        if ids.isOutOfMemory { throw Failure.outOfMemory }
        guard try earlier.insert(ids.bytes) else {
            throw Pager.unusable(
                """
                Page \(number) holds the items of an earlier page again: the service does not \
                page this list, or it has changed
                """
            )
        }
        isFirst = false
        received += count
        // Of contradicting signs the one that promises more is followed: a page too many is found out.
        // docs/decisions.md, pager-follows-more.
        let hasMore =
            list.hasNext == true || (list.totalPages ?? 0) > number
            || (isFromStart && received < total)
        hasEnded = !hasMore
        page = number + 1
        return true
    }

    private static func unusable(_ message: Message) -> Failure {
        var failure = Failure(.response, message, sent: .yes)
        failure.status = 200
        return failure
    }

    private func end(
        _ failure: Failure,
        body: JSONValue? = nil,
        started: MonotonicTime
    ) -> FinishedRequest {
        hasEnded = true
        return name.withUnsafeBufferPointer { name in
            let meta = RequestMeta(
                operation: name,
                started: started,
                attempts: body == nil ? 0 : 1
            )
            return FinishedRequest(
                Envelope(meta).failure(
                    failure,
                    body: body.map { .json($0.text) } ?? .none,
                    requestID: .empty
                )
            )
        }
    }
}
