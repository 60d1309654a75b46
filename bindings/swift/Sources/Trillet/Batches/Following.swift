import CTrillet
import Dispatch
import Foundation
import Synchronization

/// One call of a function that follows a batch, on a thread of its own.
final class Following: Sendable {
    enum Function: Sendable {
        case wait, results

        var operation: String { self == .wait ? "batch_calls.wait" : "batch_calls.results" }
    }

    /// How soon it is noticed that the client has been closed.
    private static let slice = Duration.milliseconds(250)

    private let handle: ClientHandle
    private let function: Function
    private let hasLeft = Mutex(false)
    private let bell = DispatchSemaphore(value: 0)
    /// Called on the thread after each look.
    private let report: @Sendable (BatchUpdate, Following) -> FollowStep

    init(
        _ handle: ClientHandle,
        _ function: Function,
        report: @escaping @Sendable (BatchUpdate, Following) -> FollowStep
    ) {
        self.handle = handle
        self.function = function
        self.report = report
    }

    /// Has the function end soon; what it still reports is for nobody.
    func leave() {
        hasLeft.withLock { $0 = true }
        bell.signal()
    }

    var isLeft: Bool { hasLeft.withLock { $0 } || handle.isClosed }

    /// Starts the function; `done` gets what it answers in the end.
    func start(
        _ request: String,
        _ options: String?,
        done: @escaping @Sendable (Answer) -> Void
    ) {
        startThread { [self] in
            let mine = Unmanaged.passUnretained(self).toOpaque()
            let progress: trillet_progress_fn = { userData, text in
                guard let userData, let text else { return 0 }
                let following = Unmanaged<Following>.fromOpaque(userData).takeUnretainedValue()
                return following.hear(Answer(copying: text)) == .stop ? 1 : 0
            }
            let pointer = handle.pointer
            let text =
                switch function {
                case .wait: trillet_batch_calls_wait(pointer, request, options, progress, mine)
                case .results:
                    trillet_batch_calls_results(pointer, request, options, progress, mine)
                }
            done(Answer.taking(text))
        }
    }

    /// What the function answers in the end. A task that is cancelled does not wait for it.
    func answer(_ request: String, _ options: String?) async throws(TrilletError) -> Answer {
        let courier = Courier()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                courier.expect(continuation)
                if !Task.isCancelled {
                    start(request, options) { courier.deliver(.success($0)) }
                }
            }
        } onCancel: {
            // First, or what the function answers to being left would come before it.
            courier.deliver(.failure(cancelled))
            leave()
        }
        return try result.get()
    }

    var cancelled: TrilletError {
        .cancelledBefore(
            function.operation,
            "the task was cancelled; the batch goes on, only cancel stops it"
        )
    }

    private func hear(_ text: Answer) -> FollowStep {
        guard !isLeft else { return .stop }
        let heard = ContinuousClock.now
        guard let update = try? JSONDecoder().decode(BatchUpdate.self, from: text.data) else {
            return .goOn
        }
        if report(update, self) == .stop { return .stop }
        // The pause until the next look is made here, where it can be ended at any time.
        return pause(until: heard + .milliseconds(update.nextLookMs ?? 0)) { false }
    }

    /// Waits until `isOver`, the time, or whoever leaves; `wake` has it look again.
    func pause(
        until end: ContinuousClock.Instant?,
        _ isOver: () -> Bool
    ) -> FollowStep {
        while !isLeft {
            if isOver() { return .goOn }
            let rest = end.map { $0 - .now } ?? Following.slice
            if rest <= .zero { return .goOn }
            let milliseconds = min(rest, Following.slice).wholeMilliseconds
            _ = bell.wait(timeout: .now() + .milliseconds(milliseconds))
        }
        return .stop
    }

    func wake() {
        bell.signal()
    }
}
