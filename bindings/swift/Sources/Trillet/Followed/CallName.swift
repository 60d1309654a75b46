import Foundation

/// What ``Calls/wait(_:follow:options:progress:)`` follows: what `send` returned, or a
/// ``CallName``.
public protocol FollowableCall: Sendable {
    var name: CallName { get }
}

extension Call: FollowableCall {
    public var name: CallName { CallName(id: callId, roomName: roomName) }
}

/// What tells a call from all others.
public struct CallName: FollowableCall, Sendable, Hashable, Encodable {
    public var callId: String?
    public var roomName: String?
    public var agentId: String?
    public var toNumber: String?
    /// When the call was sent, Unix seconds.
    public var time: Double?

    /// A call whose id is known.
    public init(id: String, roomName: String? = nil) {
        callId = id
        self.roomName = roomName
    }

    /// A call whose id nobody has kept. If several calls answer to this, it is ``CallState/ambiguous``.
    public init(agentId: String, toNumber: String, time: Date) {
        self.agentId = agentId
        self.toNumber = toNumber
        self.time = time.timeIntervalSince1970
    }

    public var name: CallName { self }
}
