import Foundation
import Synchronization

/// The calls of a batch whose outcome is final, from ``BatchCalls/results(batchId:status:wait:follow:options:)``.
///
/// The library writes them to a temporary file, as it does to one that is asked for, and they are
/// read from there: the rules by which none is missed and none comes twice are the same. For one task
/// at a time.
public final class BatchResults: AsyncSequence, Sendable {
    public typealias Element = BatchCall
    public typealias Failure = TrilletError

    private struct State {
        var run: ResultsRun?
        var calls: ArraySlice<BatchCall> = []
        var end: ResultsEnd?
        var isOver = false
    }

    private let handle: ClientHandle
    private let request: FollowRequest
    private let options: RequestOptions?
    private let state = Mutex(State())

    init(_ handle: ClientHandle, _ request: FollowRequest, _ options: RequestOptions?) {
        self.handle = handle
        self.request = request
        self.options = options
    }

    deinit {
        state.withLock { $0.run }?.leave()
    }

    /// What came of it; nil before the last call. Its `file` is gone by then.
    public var end: ResultsEnd? { state.withLock { $0.end } }

    public struct Iterator: AsyncIteratorProtocol {
        let results: BatchResults

        public mutating func next(
            isolation: isolated (any Actor)?
        ) async throws(TrilletError) -> BatchCall? {
            try await results.nextCall()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(results: self) }

    private func nextCall() async throws(TrilletError) -> BatchCall? {
        while true {
            if let call = state.withLock({ $0.calls.popFirst() }) { return call }
            if state.withLock({ $0.isOver }) { return nil }
            let run = try begun()
            run.askForMore()
            guard let event = await run.events.take() else {
                finish()
                throw run.cancelled
            }
            switch event {
            case .calls(let calls):
                state.withLock { $0.calls = calls[...] }
            case .failed(let error):
                finish()
                throw error
            case .end(let answer, let calls):
                finish()
                let end = try Envelope.response(answer, as: ResultsEnd.self).data
                state.withLock { state in
                    state.end = end
                    state.calls = calls[...]
                }
            }
        }
    }

    private func finish() {
        let run = state.withLock { state in
            defer { state.run = nil }
            state.isOver = true
            return state.run
        }
        run?.leave()
    }

    private func begun() throws(TrilletError) -> ResultsRun {
        if let run = state.withLock({ $0.run }) { return run }
        let run = try ResultsRun(handle, request, options)
        state.withLock { $0.run = run }
        return run
    }
}

/// The thread that writes the file, and what has been read of it.
private final class ResultsRun: Sendable {
    enum Event: Sendable {
        case calls([BatchCall])
        case failed(TrilletError)
        case end(Answer, [BatchCall])
    }

    let events = Mailbox<Event>()
    private let following: Following
    private let wantsMore: WantsMore

    init(
        _ handle: ClientHandle,
        _ request: FollowRequest,
        _ options: RequestOptions?
    ) throws(TrilletError) {
        let operation = Following.Function.results.operation
        let file = try WrittenCalls()
        let wantsMore = WantsMore()
        self.wantsMore = wantsMore
        let events = events
        following = Following(handle, .results) { _, following in
            let calls: [BatchCall]
            do throws(TrilletError) {
                calls = try file.read()
            } catch {
                events.post(.failed(error))
                return .stop
            }
            guard !calls.isEmpty else { return .goOn }
            wantsMore.flag.withLock { $0 = false }
            events.post(.calls(calls))
            // The next page is written when these have been taken.
            return following.pause(until: nil) { wantsMore.flag.withLock { $0 } }
        }
        var request = request
        request.file = file.path
        let requestText = try jsonText(request, of: operation)
        let optionsText = try jsonText(options, for: operation)
        following.start(requestText, optionsText) { answer in
            do throws(TrilletError) {
                events.post(.end(answer, try file.read()))
            } catch {
                events.post(.failed(error))
            }
            file.remove()
        }
    }

    var cancelled: TrilletError { following.cancelled }

    func askForMore() {
        wantsMore.flag.withLock { $0 = true }
        following.wake()
    }

    func leave() {
        following.leave()
    }
}

private final class WantsMore: Sendable {
    let flag = Mutex(true)
}
