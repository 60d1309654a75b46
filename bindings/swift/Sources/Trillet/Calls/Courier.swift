import Synchronization

/// Hands one result to the task that waits for it; whatever comes after the first is for nobody.
final class Courier: Sendable {
    typealias Delivery = Result<Answer, TrilletError>

    private enum State {
        case idle
        case waiting(CheckedContinuation<Delivery, Never>)
        case early(Delivery)
        case done
    }

    private let state = Mutex(State.idle)

    func expect(_ continuation: CheckedContinuation<Delivery, Never>) {
        let early = state.withLock { state -> Delivery? in
            if case .early(let delivery) = state {
                state = .done
                return delivery
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    func deliver(_ delivery: Delivery) {
        let waiting = state.withLock { state -> CheckedContinuation<Delivery, Never>? in
            switch state {
            case .idle:
                state = .early(delivery)
                return nil
            case .waiting(let continuation):
                state = .done
                return continuation
            case .early, .done:
                return nil
            }
        }
        waiting?.resume(returning: delivery)
    }
}
