/// What watches the server without taking part: counters and the feed of events.
struct Observation: Sendable {
    let metrics = RequestMetrics()
    let feed = EventFeed()

    func middleware(for operations: OperationNames) -> ObservationMiddleware {
        ObservationMiddleware(metrics: metrics, operations: operations)
    }

    func page(_ store: Store, _ clock: SimulatedClock) -> MetricsPage {
        MetricsPage(store: store, clock: clock, metrics: metrics, feed: feed)
    }

    /// Tells listeners of a request to the service.
    @Sendable func publish(_ entry: JournalEntry) {
        feed.publish(.journal, entry.event)
    }

    /// Tells listeners that everything they know is gone.
    @Sendable func publishReset(_ clock: SimulatedClock) {
        var event = ClockDescription(clock).json
        event["reset"] = true
        feed.publish(.clock, event)
    }
}

extension JournalEntry {
    fileprivate var event: JSONObject {
        [
            "sequence": .number(sequence), "requestId": .string(requestId),
            "operation": operation.map(JSON.string) ?? .null,
            "method": .string(request.method.rawValue),
            "status": status == 0 ? .null : .number(status),
            "fault": fault.map(JSON.string) ?? .null,
        ]
    }
}
