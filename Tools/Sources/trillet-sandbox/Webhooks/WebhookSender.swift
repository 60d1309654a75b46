import Logging

/// Sends the deliveries that are due: to each receiver one after the other, to different ones at the
/// same time, so that a slow receiver holds up nobody else.
actor WebhookSender {
    private let store: Store
    private let clock: SimulatedClock
    private let settings: WebhookSettings
    private let logger: Logger
    private let feed: EventFeed
    private let transport = WebhookTransport()
    private var busyTargets: Set<String> = []

    private static let tick = Duration.milliseconds(25)
    private static let mostTargets = 32
    private static let mostReasonCharacters = 300

    init(
        store: Store,
        clock: SimulatedClock,
        settings: WebhookSettings,
        logger: Logger,
        feed: EventFeed
    ) {
        self.feed = feed
        self.store = store
        self.clock = clock
        self.settings = settings
        self.logger = logger
    }

    /// Runs until its task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    for (target, deliveries) in try await due() {
                        busyTargets.insert(target)
                        group.addTask { await self.send(deliveries, to: target) }
                    }
                } catch {
                    if !Task.isCancelled { logger.error("Webhooks could not go on: \(error)") }
                }
                try? await Task.sleep(for: WebhookSender.tick)
            }
        }
    }

    private func due() async throws -> [(String, [DeliveryRecord])] {
        guard busyTargets.count < WebhookSender.mostTargets else { return [] }
        let now = clock.now
        let busy = busyTargets
        let due = try await store.read { try DeliveryRecord.due(at: now, except: busy, $0) }
        let byTarget = Dictionary(grouping: due, by: \.target)
        return Array(byTarget.prefix(WebhookSender.mostTargets - busy.count))
    }

    private func send(_ deliveries: [DeliveryRecord], to target: String) async {
        for delivery in deliveries where !Task.isCancelled {
            do {
                try await send(delivery)
            } catch {
                // Not noted is sent again: at least once, never lost.
                if !Task.isCancelled { logger.error("A webhook could not be noted: \(error)") }
                break
            }
        }
        busyTargets.remove(target)
    }

    private func send(_ delivery: DeliveryRecord) async throws {
        var noted = delivery
        let attempt: WebhookAttempt
        let address = WebhookAddress(delivery.url)
        if let address, address.refusal(settings) == nil {
            attempt = await self.attempt(delivery, at: address)
            if Task.isCancelled, !attempt.isSuccess { return }
            noted.note(attempt, at: clock.now)
        } else {
            let refusal = address?.refusal(settings) ?? WebhookAddress.rule
            attempt = WebhookAttempt(at: clock.now, milliseconds: 0, error: refusal)
            noted.note(attempt, isFinal: true, at: clock.now)
        }
        let result = noted
        try await store.write { database in
            try result.saveProgress(database)
            try DeliveryRecord.prune(upTo: result.sequence ?? 0, database)
        }
        feed.publish(
            .delivery,
            ["id": .string(result.id), "status": .string(result.status.rawValue)]
        )
        if result.status == .failed {
            // Without its address, which may hold a secret of the receiver.
            logger.warning("The webhook \(result.id) was given up; see /sandbox/deliveries")
        }
    }

    private func attempt(_ delivery: DeliveryRecord, at address: sending WebhookAddress) async
        -> WebhookAttempt
    {
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "trillet-sandbox/\(SandboxVersion.text)"),
            ("X-Trillet-Delivery", delivery.id),
            (
                WebhookSignature.header,
                WebhookSignature.of(delivery.body, secret: settings.secret)
            ),
        ]
        let start = ContinuousClock.now
        var attempt = WebhookAttempt(at: clock.now, milliseconds: 0)
        if let transfer = WebhookTransfer(to: address, headers: headers, body: delivery.body) {
            switch await transport.perform(transfer) {
            case .answered(let status): attempt.status = status
            case .failed(let reason):
                attempt.error = String(reason.prefix(WebhookSender.mostReasonCharacters))
            }
        } else {
            attempt.error = "No memory for a request"
        }
        attempt.milliseconds = Int64(start.duration(to: .now) / .milliseconds(1))
        return attempt
    }
}
