import Hummingbird
import NIOConcurrencyHelpers

/// What an event is about.
enum EventKind: String, Sendable {
    case journal, call, batch, clock, fault, delivery
    /// How many of the others there were since the last one of these.
    case changed
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
        /// Whether it wants to know what has changed, and of each change nothing more.
        let isBrief: Bool
        let events: AsyncStream<ByteBuffer>.Continuation
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var nextIdentifier = 0
        /// What brief listeners have not been told yet.
        var changes: [EventKind: Int] = [:]

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
        // A clock that was steered cannot wait, nor be summed up.
        let isForAll = kind == .clock
        let listeners = state.withLockedValue { state -> [Listener] in
            let all = state.listeners.values
            if !isForAll, all.contains(where: \.isBrief) { state.changes[kind, default: 0] += 1 }
            return all.filter { isForAll || !$0.isBrief }
        }
        guard !listeners.isEmpty else { return }
        send(EventFeed.text(kind, data()), to: listeners)
    }

    /// Tells brief listeners what has changed since it was last called.
    func publishChanges() {
        let (listeners, changes) = state.withLockedValue { state in
            defer { state.changes = [:] }
            return (state.listeners.values.filter(\.isBrief), state.changes)
        }
        guard !listeners.isEmpty, !changes.isEmpty else { return }
        var data = JSONObject()
        for (kind, count) in changes { data[kind.rawValue] = .number(count) }
        send(EventFeed.text(.changed, data), to: listeners)
    }

    private static func text(_ kind: EventKind, _ data: JSONObject) -> ByteBuffer {
        var bytes = Array("event: \(kind.rawValue)\ndata: ".utf8)
        JSON.object(data).write(to: &bytes)
        bytes.append(contentsOf: "\n\n".utf8)
        return ByteBuffer(bytes: bytes)
    }

    /// Keeps connections from looking dead, and finds those that are.
    func ping() {
        let listeners = state.withLockedValue { Array($0.listeners.values) }
        send(ByteBuffer(string: ": ping\n\n"), to: listeners)
    }

    private func send(_ buffer: ByteBuffer, to listeners: [Listener]) {
        for listener in listeners { listener.events.yield(buffer) }
    }

    /// Returns `nil` when too many listen already. The subscription lasts until ``cancel(_:)``.
    func subscribe(from peer: String, isBrief: Bool) -> (
        identifier: Int, events: AsyncStream<ByteBuffer>
    )? {
        let (events, listener) = AsyncStream.makeStream(
            of: ByteBuffer.self,
            bufferingPolicy: .bufferingNewest(EventFeed.backlog)
        )
        return state.withLockedValue { state in
            guard state.refusal(of: peer) == nil else { return nil }
            let identifier = state.nextIdentifier
            state.nextIdentifier += 1
            state.listeners[identifier] = Listener(
                peer: peer,
                isBrief: isBrief,
                events: listener
            )
            return (identifier, events)
        }
    }

    func cancel(_ identifier: Int) {
        state.withLockedValue { $0.listeners.removeValue(forKey: identifier) }?.events.finish()
    }
}
