/// The pages of a list, one after the other.
final class Pager: Series {
    private let request: PagerRequest

    /// nil before the first page, when the service chooses it.
    private var page: Int?
    private var hasEnded = false
    private var isFirst = true
    /// How many items have come.
    private var received = 0
    private var total = 0
    /// The pages that have come, each by the ids on it.
    private var earlier = IDTable()
    /// Of a list whose pages are bare arrays: how long the longest has been.
    private var wholePage: Int
    private var isRepeated = false
    private var ahead: PageAhead?

    init(_ client: Client, _ request: PagerRequest, options: Bytes) {
        self.request = request
        page = request.firstPage
        wholePage = request.wholePage
        super.init(client, name: request.operation.id, options: options)
        target = .known(request.operation)
    }

    override func step(_ outcome: RequestOutcome?) -> Step {
        if hasEnded || isStopped { return .over }
        guard let outcome else {
            text = request.text(page: page)
            return .ask
        }
        guard let client else { return .over }
        defer { withExtendedLifetime(outcome) {} }
        if let failure = outcome.failure {
            // A page whose call was interrupted may be asked for again, unless the client has closed.
            let isInterrupted = failure.kind == .cancelled && !client.callers.isClosed
            if !failure.isRetryable, !isInterrupted { hasEnded = true }
            return .answer(outcome.finished(client.mask))
        }
        do throws(Failure) {
            guard try take(outcome.data) else { return .over }
            wantsAhead = request.prefetches && !hasEnded
            return .answer(outcome.finished(client.mask))
        } catch {
            hasEnded = true
            return .answer(fail(error, body: outcome.data))
        }
    }

    // MARK: What a page says

    /// Whether there is something on the page; throws when the list cannot be trusted.
    private func take(_ data: JSONValue?) throws(Failure) -> Bool {
        guard let data, let list = ListPage(data, of: request.operation) else {
            throw Pager.unusable("The service's answer holds no list")
        }
        let number = page ?? 1
        let isBare = !list.isPaged && request.operation.hasBarePages
        guard list.isPaged || isBare else {
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
        // As many calls as a page has may have been placed since the page before; not twice in a row.
        let isNew = try earlier.insert(ids.bytes)
        guard isNew || (isBare && !isRepeated) else {
            throw Pager.unusable(
                """
                Page \(number) holds the items of an earlier page again: the service does not \
                page this list, or it has changed
                """
            )
        }
        isRepeated = !isNew
        isFirst = false
        received += count
        // Of contradicting signs the one that promises more is followed: a page too many is found out.
        // docs/decisions.md, pager-follows-more.
        let hasMore =
            list.hasNext == true || (list.totalPages ?? 0) > number
            || (isFromStart && received < total) || (isBare && count >= wholePage)
        wholePage = max(wholePage, count)
        hasEnded = !hasMore
        page = number + 1
        return true
    }

    private static func unusable(_ message: Message) -> Failure {
        var failure = Failure(.response, message, sent: .yes)
        failure.status = 200
        return failure
    }
}
