import Synchronization

/// Events that one task takes in the order they came; it waits without a thread.
final class Mailbox<Event: Sendable>: Sendable {
    private struct State {
        var events: [Event] = []
        var next = 0
        var waiting: CheckedContinuation<Event?, Never>?
        /// Each wait has a number, so that only its own cancellation ends it.
        var waits = 0
        var cancelledWait = 0
    }

    private let state = Mutex(State())

    func post(_ event: Event) {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            if waiting == nil { state.events.append(event) }
            state.waiting = nil
            return waiting
        }
        waiting?.resume(returning: event)
    }

    /// The next event; nil when the task is cancelled before one comes.
    func take() async -> Event? {
        let wait = state.withLock { state in
            state.waits += 1
            return state.waits
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (event, isOver) = state.withLock { state -> (Event?, Bool) in
                    if let event = MailboxStep.take(&state) { return (event, true) }
                    if state.cancelledWait == wait { return (nil, true) }
                    state.waiting = continuation
                    return (nil, false)
                }
                if isOver { continuation.resume(returning: event) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                state.cancelledWait = wait
                return state.waiting
            }
            waiting?.resume(returning: nil)
        }
    }

    /// The next event, also for a task that is cancelled: the caller has seen to it that one comes.
    func takeInAnyCase() async -> Event? {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> Event? in
                if let event = MailboxStep.take(&state) { return event }
                state.waiting = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    private enum MailboxStep {
        static func take(_ state: inout State) -> Event? {
            guard state.next < state.events.count else { return nil }
            let event = state.events[state.next]
            state.next += 1
            // Not one by one from the front, which would move all of the others each time.
            if state.next == state.events.count {
                state.events.removeAll(keepingCapacity: true)
                state.next = 0
            } else if state.next >= 1024 {
                state.events.removeFirst(state.next)
                state.next = 0
            }
            return event
        }
    }
}
