import Synchronization

extension TrilletClient {
    /// Sends many requests, a bounded number of them at a time, and gives a result for each.
    ///
    ///     let results = client.map(contacts.map { Calls.Send(agentId: agent, toNumber: $0) })
    ///     for await result in results {
    ///         if case .failure(let error) = result.outcome { print(result.request.toNumber, error) }
    ///     }
    ///
    /// Requests are taken from the sequence as calls end. Every request that was taken has a result,
    /// whatever becomes of it. Cancelling the task, or ``MapResults/cancel()``, takes no further
    /// request and cancels what is under way; the loop goes on until the outcome of each is there.
    ///
    /// - Parameters:
    ///   - requests: The requests.
    ///   - maxInFlight: How many are under way at once. By default as many as the client allows, 64
    ///     if nothing else is said, or fewer where its `requestsPerMinute` would let them wait too
    ///     long.
    ///   - ordered: Whether results come in the order of the requests, or as they end.
    ///   - options: What these requests do differently from the client.
    public func map<Request: OperationRequest>(
        _ requests: sending some Sequence<Request>,
        maxInFlight: Int? = nil,
        ordered: Bool = true,
        options: RequestOptions? = nil
    ) -> MapResults<Request> {
        var requests = requests.makeIterator()
        return MapResults(
            handle,
            window: max(1, maxInFlight ?? window),
            isOrdered: ordered,
            options: options,
            next: { requests.next() }
        )
    }
}

/// What became of one request of ``TrilletClient/map(_:maxInFlight:ordered:options:)``.
public struct MapResult<Request: OperationRequest>: Sendable {
    /// The request's place in the sequence, from 0.
    public let index: Int
    public let request: Request
    public let outcome: Result<Response<Request.Answer>, TrilletError>

    /// Whether the service can have acted on it.
    public var sent: TrilletError.Sent {
        switch outcome {
        case .success: .yes
        case .failure(let error): error.sent
        }
    }
}

/// The results of ``TrilletClient/map(_:maxInFlight:ordered:options:)``, for one task at a time.
///
/// Another loop over the same object goes on where the first one was left. What is under way is
/// cancelled when the object goes.
public final class MapResults<Request: OperationRequest>: AsyncSequence, @unchecked Sendable {
    public typealias Element = MapResult<Request>
    public typealias Failure = Never

    private struct Flight {
        let request: Request
        let submission: Submission
    }

    private struct State {
        var taken = 0
        var given = 0
        var isStopped = false
        var flights: [Int: Flight] = [:]
        /// Results that wait for those before them.
        var early: [Int: Element] = [:]
    }

    private let handle: ClientHandle
    private let window: Int
    private let isOrdered: Bool
    private let options: RequestOptions?
    // Called by the one task that iterates.
    private let next: () -> Request?
    private let mailbox = Mailbox<(Int, Result<Answer, TrilletError>)>()
    private let state = Mutex(State())

    init(
        _ handle: ClientHandle,
        window: Int,
        isOrdered: Bool,
        options: RequestOptions?,
        next: @escaping () -> Request?
    ) {
        self.handle = handle
        self.window = window
        self.isOrdered = isOrdered
        self.options = options
        self.next = next
    }

    deinit {
        for flight in state.withLock({ $0.flights.values.map(\.submission) }) { flight.cancel() }
    }

    /// Takes no further request and cancels what is under way.
    ///
    /// The results of the requests that were taken still come.
    public func cancel() {
        let flights = state.withLock { state in
            state.isStopped = true
            return state.flights.values.map(\.submission)
        }
        for flight in flights { flight.cancel() }
    }

    public struct Iterator: AsyncIteratorProtocol {
        let results: MapResults

        public mutating func next() async -> Element? { await results.nextResult() }

        public mutating func next(isolation: isolated (any Actor)?) async -> Element? {
            await results.nextResult()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(results: self) }

    private func nextResult() async -> Element? {
        while true {
            fill()
            if let result = nextEarly() { return result }
            guard state.withLock({ !$0.flights.isEmpty }) else { return nil }
            guard let (index, answer) = await nextAnswer() else { continue }
            guard let flight = state.withLock({ $0.flights.removeValue(forKey: index) }) else {
                continue
            }
            let result = MapResult(
                index: index,
                request: flight.request,
                outcome: MapResults.outcome(answer)
            )
            if !isOrdered { return result }
            state.withLock { $0.early[index] = result }
        }
    }

    private func nextEarly() -> Element? {
        state.withLock { state in
            guard let result = state.early.removeValue(forKey: state.given) else { return nil }
            state.given += 1
            return result
        }
    }

    /// A cancelled task cancels the calls, and goes on to hear what became of them.
    private func nextAnswer() async -> (Int, Result<Answer, TrilletError>)? {
        if let event = await mailbox.take() { return event }
        cancel()
        return await mailbox.takeInAnyCase()
    }

    private static func outcome(
        _ answer: Result<Answer, TrilletError>
    ) -> Result<Response<Request.Answer>, TrilletError> {
        do throws(TrilletError) {
            return .success(try Envelope.response(try answer.get(), as: Request.Answer.self))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Requests

    /// How far results may run ahead of one that is slow, in numbers of requests.
    private var mostEarly: Int { Swift.max(window, 4096) }

    private func fill() {
        while !Task.isCancelled, hasRoom(), let request = next() { start(request) }
        if Task.isCancelled { cancel() }
    }

    private func hasRoom() -> Bool {
        state.withLock { state in
            !state.isStopped && state.flights.count < window && state.early.count < mostEarly
        }
    }

    private func start(_ request: Request) {
        let mailbox = mailbox
        let index = state.withLock { state in
            defer { state.taken += 1 }
            return state.taken
        }
        let submission = Submission(handle) { mailbox.post((index, $0)) }
        let isStopped = state.withLock { state in
            state.flights[index] = Flight(request: request, submission: submission)
            return state.isStopped
        }
        if isStopped { submission.cancel() }
        do throws(TrilletError) {
            submission.start(
                Request.operation,
                try jsonText(request, of: Request.operation),
                try jsonText(options, for: Request.operation)
            )
        } catch {
            mailbox.post((index, .failure(error)))
        }
    }
}
