import Logging

/// Sends the deliveries that are due: to each receiver one after the other, to different ones at the
/// same time, so that a slow receiver holds up nobody else.
actor WebhookSender {
    private let store: Store
    private let clock: SimulatedClock
    private let settings: WebhookSettings
    private let logger: Logger
    private let feed: EventFeed
    private let faults: FaultRules
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
        feed: EventFeed,
        faults: FaultRules
    ) {
        self.feed = feed
        self.faults = faults
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
        let fault = fault(of: delivery)
        if let fault { noted.fault = fault.text }
        switch fault?.kind {
        case .lose: noted.status = .lost
        case .hold: noted.dueAt = clock.now + Int64(fault?.number("ms") ?? 0)
        default:
            for _ in 0..<(fault?.number("times") ?? 0) {
                noted.noteRepetition(await attempt(delivery).attempt)
            }
            let (attempt, isFinal) = await attempt(delivery)
            if Task.isCancelled, !attempt.isSuccess { return }
            noted.note(attempt, isFinal: isFinal, at: clock.now)
        }
        try await save(noted)
    }

    /// Strikes a delivery once: what was held back or sent again is let through.
    private func fault(of delivery: DeliveryRecord) -> Fault? {
        guard delivery.fault == nil, delivery.attemptsMade.isEmpty else { return nil }
        return faults.faultOfWebhook(delivery.event)
    }

    private func save(_ result: DeliveryRecord) async throws {
        let now = clock.now
        try await store.write { database in
            try result.saveProgress(database)
            try DeliveryRecord.prune(upTo: result.sequence ?? 0, at: now, database)
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

    /// Sends it once; whether its failure is not to be tried again.
    private func attempt(_ delivery: DeliveryRecord) async -> (
        attempt: WebhookAttempt, isFinal: Bool
    ) {
        let address = WebhookAddress(delivery.url)
        guard let address, address.refusal(settings) == nil else {
            let refusal = address?.refusal(settings) ?? WebhookAddress.rule
            return (WebhookAttempt(at: clock.now, milliseconds: 0, error: refusal), true)
        }
        return (await attempt(delivery, at: address), false)
    }

    private func attempt(_ delivery: DeliveryRecord, at address: sending WebhookAddress) async
        -> WebhookAttempt
    {
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "trillet-sandbox/\(SandboxVersion.text)"),
            ("X-Trillet-Delivery", delivery.id),
            WebhookSignature.header(
                delivery.body,
                secret: delivery.secret ?? settings.secret,
                delivery.proof ?? settings.proof
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
