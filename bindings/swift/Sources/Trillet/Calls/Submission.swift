import CTrillet
import Synchronization

/// A request that the library works on without blocking anybody.
final class Submission: Sendable {
    /// Hands the request to the library, and returns its id.
    typealias HandIn = (trillet_done_fn, UnsafeMutableRawPointer) -> UInt64

    private struct State {
        var isCancelled = false
        /// What the library calls it, once it has taken it.
        var id: UInt64 = 0
    }

    private let handle: ClientHandle
    private let state = Mutex(State())
    private let deliver: @Sendable (Result<Answer, TrilletError>) -> Void

    /// `deliver` is called once, on a thread of the library.
    init(
        _ handle: ClientHandle,
        deliver: @escaping @Sendable (Result<Answer, TrilletError>) -> Void
    ) {
        self.handle = handle
        self.deliver = deliver
    }

    func start(_ operation: String, _ request: String, _ options: String?) {
        start(operation) { [handle] done, mine in
            trillet_submit(handle.pointer, operation, request, options, done, mine)
        }
    }

    func start(_ operation: String, _ handIn: HandIn) {
        if state.withLock({ $0.isCancelled }) {
            deliver(.failure(.cancelledBefore(operation)))
            return
        }
        let mine = Unmanaged.passRetained(self)
        let done: trillet_done_fn = { userData, _, text in
            guard let userData, let text else { return }
            let submission = Unmanaged<Submission>.fromOpaque(userData).takeRetainedValue()
            submission.deliver(.success(Answer(copying: text)))
        }
        let id = handIn(done, mine.toOpaque())
        if id == 0 {
            mine.release()
            deliver(.failure(handle.refusal(operation)))
            return
        }
        let isCancelled = state.withLock { state in
            state.id = id
            return state.isCancelled
        }
        if isCancelled { _ = trillet_cancel(handle.pointer, id) }
    }

    /// Asks the request to end; its answer still comes.
    func cancel() {
        let id = state.withLock { state in
            state.isCancelled = true
            return state.id
        }
        if id != 0 { _ = trillet_cancel(handle.pointer, id) }
    }
}

extension TrilletError {
    static func cancelledBefore(
        _ operation: String,
        _ message: String = "the request was cancelled before it was handed in"
    ) -> TrilletError {
        TrilletError(
            type: .cancelled,
            message: message,
            sent: .no,
            meta: CallMeta(operation: operation)
        )
    }
}

extension ClientHandle {
    /// The answer to a request. No thread waits for it; cancelling the task cancels the request.
    func answer(
        _ operation: String,
        _ request: String,
        _ options: String?
    ) async throws(TrilletError) -> Answer {
        try await answer { $0.start(operation, request, options) }
    }

    /// The next page of a pager.
    func page(of pager: Pager, _ operation: String) async throws(TrilletError) -> Answer {
        try await answer {
            $0.start(operation) { done, mine in
                trillet_pager_submit(pager.pointer, done, mine)
            }
        }
    }

    private func answer(
        _ start: (Submission) -> Void
    ) async throws(TrilletError) -> Answer {
        let courier = Courier()
        let submission = Submission(self) { courier.deliver($0) }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                courier.expect(continuation)
                start(submission)
            }
        } onCancel: {
            submission.cancel()
        }
        return try result.get()
    }
}
