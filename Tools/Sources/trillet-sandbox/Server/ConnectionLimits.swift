import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// What one connection may cost, so that slow and greedy clients cost the others nothing.
struct ConnectionLimits: Sendable {
    /// Further connections wait until one of these is closed.
    var connections = 1_024
    /// How long a connection may be silent between two requests, or be at the headers of one.
    var idleSeconds: Int64 = 60
    /// How long the whole of one request may take to arrive.
    var requestSeconds: Int64 = 60

    private static let headerField = 16_384
    private static let allHeaders = 65_536
    private static let headerCount = 256

    var builder: HTTPServerBuilder {
        let requestSeconds = self.requestSeconds
        return .http1(
            configuration: .init(
                additionalChannelHandlers: [
                    RequestDeadline(time: .seconds(requestSeconds))
                ],
                idleTimeout: .seconds(idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: ConnectionLimits.headerField,
                    maxHeaderListSize: ConnectionLimits.allHeaders,
                    maxHeaderFieldCount: ConnectionLimits.headerCount
                )
            )
        )
    }
}

/// Closes a connection whose request has been arriving for too long. A request that is all there
/// may be answered as late as it takes.
private final class RequestDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let time: TimeAmount
    /// When the request that is arriving must be there.
    private var deadline: NIODeadline?
    private var check: Scheduled<Void>?

    init(time: TimeAmount) {
        self.time = time
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            deadline = .now() + time
            // One timer for many requests: most of them are there long before it ends.
            if check == nil { scheduleCheck(context, at: .now() + time) }
        case .body: break
        case .end: deadline = nil
        }
        context.fireChannelRead(data)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        check?.cancel()
    }

    private func scheduleCheck(_ context: ChannelHandlerContext, at moment: NIODeadline) {
        check = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) {
            self.check = nil
            guard let deadline = self.deadline else { return }
            if deadline <= .now() {
                context.close(promise: nil)
            } else {
                self.scheduleCheck(context, at: deadline)
            }
        }
    }
}
