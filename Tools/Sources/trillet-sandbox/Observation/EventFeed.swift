import Hummingbird
import NIOConcurrencyHelpers

/// What an event is about.
enum EventKind: String, Sendable {
    case journal, call, batch, clock, fault, delivery
}

/// Tells whoever listens at `GET /sandbox/events` what has just happened. An event is a hint to look
/// again, not a record: a listener that is too slow loses the oldest ones.
final class EventFeed: Sendable {
    /// How many may listen at the same time.
    static let capacity = 64
    private static let backlog = 512

    private struct State {
        var listeners: [Int: AsyncStream<ByteBuffer>.Continuation] = [:]
        var nextIdentifier = 0
    }

    private let state = NIOLockedValueBox(State())

    var listenerCount: Int { state.withLockedValue { $0.listeners.count } }

    /// Costs next to nothing while nobody listens: `data` is then not made.
    func publish(_ kind: EventKind, _ data: @autoclosure () -> JSONObject) {
        guard listenerCount > 0 else { return }
        var bytes = Array("event: \(kind.rawValue)\ndata: ".utf8)
        JSON.object(data()).write(to: &bytes)
        bytes.append(contentsOf: "\n\n".utf8)
        send(ByteBuffer(bytes: bytes))
    }

    /// Keeps connections from looking dead, and finds those that are.
    func ping() {
        send(ByteBuffer(string: ": ping\n\n"))
    }

    private func send(_ buffer: ByteBuffer) {
        let listeners = state.withLockedValue { Array($0.listeners.values) }
        for listener in listeners { listener.yield(buffer) }
    }

    /// Returns `nil` when too many listen already. The subscription lasts until ``cancel(_:)``.
    func subscribe() -> (identifier: Int, events: AsyncStream<ByteBuffer>)? {
        let (events, listener) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingNewest(EventFeed.backlog)
        )
        return state.withLockedValue { state in
            guard state.listeners.count < EventFeed.capacity else { return nil }
            let identifier = state.nextIdentifier
            state.nextIdentifier += 1
            state.listeners[identifier] = listener
            return (identifier, events)
        }
    }

    func cancel(_ identifier: Int) {
        state.withLockedValue { $0.listeners.removeValue(forKey: identifier) }?.finish()
    }
}
