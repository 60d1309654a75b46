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
    /// How many of them may be of one address, so that nobody takes all the places.
    static let capacityOfPeer = 32
    private static let backlog = 512

    private struct Listener {
        let peer: String
        let events: AsyncStream<ByteBuffer>.Continuation
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var nextIdentifier = 0

        func refusal(of peer: String) -> String? {
            if listeners.count >= EventFeed.capacity {
                return "\(EventFeed.capacity) listeners are connected already; close one"
            }
            let own = listeners.values.count { $0.peer == peer }
            guard own >= EventFeed.capacityOfPeer else { return nil }
            return "\(own) listeners of your address are connected already; close one"
        }
    }

    private let state = NIOLockedValueBox(State())

    var listenerCount: Int { state.withLockedValue { $0.listeners.count } }

    /// Why `peer` may not listen just now; `nil` when it may.
    func refusal(of peer: String) -> String? {
        state.withLockedValue { $0.refusal(of: peer) }
    }

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
        for listener in listeners { listener.events.yield(buffer) }
    }

    /// Returns `nil` when too many listen already. The subscription lasts until ``cancel(_:)``.
    func subscribe(from peer: String) -> (identifier: Int, events: AsyncStream<ByteBuffer>)? {
        let (events, listener) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingNewest(EventFeed.backlog)
        )
        return state.withLockedValue { state in
            guard state.refusal(of: peer) == nil else { return nil }
            let identifier = state.nextIdentifier
            state.nextIdentifier += 1
            state.listeners[identifier] = Listener(peer: peer, events: listener)
            return (identifier, events)
        }
    }

    func cancel(_ identifier: Int) {
        state.withLockedValue { $0.listeners.removeValue(forKey: identifier) }?.events.finish()
    }
}
