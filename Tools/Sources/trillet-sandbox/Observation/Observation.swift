/// What watches the server without taking part: counters and the feed of events.
struct Observation: Sendable {
    let metrics = RequestMetrics()
    let feed = EventFeed()

    func middleware(for routes: [Route]) -> ObservationMiddleware {
        ObservationMiddleware(metrics: metrics, feed: feed, routes: routes)
    }

    func page(_ store: Store, _ clock: SimulatedClock) -> MetricsPage {
        MetricsPage(store: store, clock: clock, metrics: metrics, feed: feed)
    }
}
