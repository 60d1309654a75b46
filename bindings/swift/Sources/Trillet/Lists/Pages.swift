import CTrillet
import Synchronization

extension TrilletClient {
    /// The pages of a list, fetched as the loop asks for them.
    ///
    ///     for try await page in client.pages(Agents.List(limit: 100), prefetch: true) { … }
    ///
    /// A list that changes on the way so that something may have been passed over is an error of type
    /// `response`, never a silent gap.
    ///
    /// - Parameters:
    ///   - request: The request of an operation that lists; `page` is the first page.
    ///   - prefetch: Whether the next page is fetched while the loop works on this one.
    ///   - options: What these requests do differently from the client.
    public func pages<Request: ListRequest>(
        _ request: Request,
        prefetch: Bool = false,
        options: RequestOptions? = nil
    ) -> Pages<Request> {
        Pages(source: PageSource(handle, request, prefetch: prefetch, options: options))
    }

    /// Everything on the pages of a list, one by one.
    public func items<Request: ListRequest>(
        _ request: Request,
        prefetch: Bool = false,
        options: RequestOptions? = nil
    ) -> Items<Request> {
        Items(pages: pages(request, prefetch: prefetch, options: options))
    }
}

/// The pages of a list, for one task at a time.
///
/// After an error whose ``TrilletError/isRetryable`` is true, and after a cancelled task, another
/// loop over the same object asks for the same page again; every other error is the end.
public struct Pages<Request: ListRequest>: AsyncSequence, Sendable {
    public typealias Element = Request.Answer
    public typealias Failure = TrilletError

    let source: PageSource<Request>

    public struct Iterator: AsyncIteratorProtocol {
        let source: PageSource<Request>

        public mutating func next(
            isolation: isolated (any Actor)?
        ) async throws(TrilletError) -> Element? {
            try await source.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }
}

/// Everything on the pages of a list, for one task at a time.
public struct Items<Request: ListRequest>: AsyncSequence, Sendable {
    public typealias Element = Request.Item
    public typealias Failure = TrilletError

    let pages: Pages<Request>

    public struct Iterator: AsyncIteratorProtocol {
        let source: PageSource<Request>
        var items: ArraySlice<Element> = []

        public mutating func next(
            isolation: isolated (any Actor)?
        ) async throws(TrilletError) -> Element? {
            while true {
                if let item = items.popFirst() { return item }
                guard let page = try await source.next() else { return nil }
                items = Request.items(of: page)[...]
            }
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(source: pages.source) }
}

/// Fetches pages by the library's pager, each on a thread: its rules are not written twice.
final class PageSource<Request: ListRequest>: @unchecked Sendable {
    private struct State {
        var pager: Pager?
        var isFetching = false
    }

    private let handle: ClientHandle
    private let text: Result<(request: String, options: String?), TrilletError>
    private let state = Mutex(State())
    private let mailbox = Mailbox<Answer?>()

    init(_ handle: ClientHandle, _ request: Request, prefetch: Bool, options: RequestOptions?) {
        self.handle = handle
        do throws(TrilletError) {
            let fields = PagedFields(request: request, prefetch: prefetch)
            text = .success(
                (
                    try jsonText(fields, of: Request.operation),
                    try jsonText(options, for: Request.operation)
                )
            )
        } catch {
            text = .failure(error)
        }
    }

    /// The next page; a page that a cancelled task waited for is there for the next one.
    func next() async throws(TrilletError) -> Request.Answer? {
        guard !Task.isCancelled else { throw .cancelledBefore(Request.operation) }
        try begin()
        guard let answer = await mailbox.take() else {
            throw .cancelledBefore(Request.operation, "the task was cancelled")
        }
        state.withLock { $0.isFetching = false }
        guard let answer else { return nil }
        return try Envelope.response(answer, as: Request.Answer.self).data
    }

    private func begin() throws(TrilletError) {
        let (request, options) = try text.get()
        let pager: Pager? = try state.withLock { state throws(TrilletError) in
            if state.isFetching { return nil }
            if state.pager == nil {
                state.pager = try Pager(handle, Request.operation, request, options)
            }
            state.isFetching = true
            return state.pager
        }
        guard let pager else { return }
        startThread { [self] in
            guard let text = trillet_pager_next(pager.pointer) else { return mailbox.post(nil) }
            mailbox.post(Answer.taking(text))
        }
    }
}

/// The fields of a request, and `prefetch` among them.
private struct PagedFields<Request: ListRequest>: Encodable {
    let request: Request
    let prefetch: Bool

    private enum Keys: String, CodingKey {
        case prefetch
    }

    func encode(to encoder: any Encoder) throws {
        try request.encode(to: encoder)
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(prefetch, forKey: .prefetch)
    }
}
