import CTrillet

/// How many connections may be open while it is expected that many requests share one.
///
/// libcurl has requests wait for the first connection alone. While another one is set up beside it,
/// since all streams are taken, it opens one more for each. docs/decisions.md, few-shared-connections.
struct ConnectionSharing {
    private enum State {
        case unknown
        case expected
        case none
    }

    private var state = State.unknown
    private static let fewStreams = 8

    var isExpected: Bool { state == .expected }

    /// Until the first connection shows whether it can be shared, there is no other.
    mutating func begin(_ handle: MultiHandle.Pointer) {
        guard state == .unknown else { return }
        state = .expected
        handle.pointee.set(mostConnections: 1)
    }

    /// A request has its connection for itself: each that is under way may need one.
    mutating func end(_ handle: MultiHandle.Pointer) {
        state = .none
        handle.pointee.set(mostConnections: .max)
    }

    /// The service allows fewer streams than libcurl believes of a connection that has just been opened,
    /// or refuses HTTP/2.
    @inline(never)
    mutating func giveUp(_ handle: MultiHandle.Pointer) {
        end(handle)
        handle.pointee.set(mostStreams: ConnectionSharing.fewStreams)
    }

    /// Notes the kinds of new connections; whether more may be opened than before.
    mutating func note(_ kinds: Int32, in handle: MultiHandle.Pointer) -> Bool {
        guard state == .expected else { return false }
        if kinds != Int32(SHIM_SHARED_CONNECTION) {
            end(handle)
        } else {
            // A service that allows few streams is not reached one handshake after the other.
            handle.pointee.set(mostConnections: 2 * handle.pointee.connections)
        }
        return true
    }
}
