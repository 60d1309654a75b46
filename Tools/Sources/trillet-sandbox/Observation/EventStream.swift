import HTTPTypes
import Hummingbird
import ServiceLifecycle

/// `GET /sandbox/events`: the feed as server-sent events.
struct EventStream: Sendable {
    let feed: EventFeed
    let clock: SimulatedClock
    let watcher: EventWatcher

    var routes: [ControlRoute] {
        [ControlRoute(.get, "/sandbox/events", open)]
    }

    @Sendable private func open(_ exchange: ControlExchange) async throws -> Response {
        let peer = exchange.context.channel.remoteAddress?.ipAddress ?? ""
        if let refusal = feed.refusal(of: peer) {
            throw Failure(
                status: .serviceUnavailable,
                title: "Service Unavailable",
                detail: refusal,
                code: "too_many_listeners",
                shape: .nested,
                headers: [.retryAfter: "5"]
            )
        }
        let isBrief = exchange.query("brief") == "true"
        let feed = self.feed
        let clock = self.clock
        let watcher = self.watcher
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            // Listening begins with the body, which an answer to HEAD does not have.
            body: .init { writer in
                if let (identifier, events) = feed.subscribe(
                    from: peer,
                    isBrief: isBrief
                ) {
                    defer { feed.cancel(identifier) }
                    try await watcher.prepare()
                    let now = JSON.object(ClockDescription(clock).json).text
                    try await writer.write(
                        ByteBuffer(string: "retry: 1000\nevent: clock\ndata: \(now)\n\n")
                    )
                    // A stream never ends by itself and would keep the server from stopping.
                    for await event in events.cancelOnGracefulShutdown() {
                        try await writer.write(event)
                    }
                }
                try await writer.finish(nil)
            }
        )
    }
}
