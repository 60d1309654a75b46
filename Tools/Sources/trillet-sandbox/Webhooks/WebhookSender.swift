import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1

/// Sends the deliveries that are due: to each receiver one after the other, to different ones at the
/// same time, so that a slow receiver holds up nobody else.
actor WebhookSender {
    private let store: Store
    private let clock: SimulatedClock
    private let settings: WebhookSettings
    private let logger: Logger
    private let feed: EventFeed
    private var busyTargets: Set<String> = []

    private static let tick = Duration.milliseconds(25)
    private static let timeLimit = TimeAmount.seconds(10)
    private static let mostTargets = 32
    private static let mostAnswerBytes = 65_536

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
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: WebhookSender.timeLimit)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    for (target, deliveries) in try await due() {
                        busyTargets.insert(target)
                        group.addTask { await self.send(deliveries, to: target, client) }
                    }
                } catch {
                    if !Task.isCancelled { logger.error("Webhooks could not go on: \(error)") }
                }
                try? await Task.sleep(for: WebhookSender.tick)
            }
        }
        try? await client.shutdown()
    }

    private func due() async throws -> [(String, [DeliveryRecord])] {
        guard busyTargets.count < WebhookSender.mostTargets else { return [] }
        let now = clock.now
        let busy = busyTargets
        let due = try await store.read { try DeliveryRecord.due(at: now, except: busy, $0) }
        let byTarget = Dictionary(grouping: due, by: \.target)
        return Array(byTarget.prefix(WebhookSender.mostTargets - busy.count))
    }

    private func send(_ deliveries: [DeliveryRecord], to target: String, _ client: HTTPClient) async
    {
        for delivery in deliveries where !Task.isCancelled {
            do {
                try await send(delivery, client)
            } catch {
                // Not noted is sent again: at least once, never lost.
                if !Task.isCancelled { logger.error("A webhook could not be noted: \(error)") }
                break
            }
        }
        busyTargets.remove(target)
    }

    private func send(_ delivery: DeliveryRecord, _ client: HTTPClient) async throws {
        var noted = delivery
        if let refusal = WebhookAddress.refusal(of: delivery.url, settings) {
            let attempt = WebhookAttempt(at: clock.now, milliseconds: 0, error: refusal)
            try noted.note(attempt, isFinal: true, at: clock.now)
        } else {
            let attempt = await attempt(delivery, client)
            if Task.isCancelled, !attempt.isSuccess { return }
            try noted.note(attempt, at: clock.now)
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

    private func attempt(_ delivery: DeliveryRecord, _ client: HTTPClient) async -> WebhookAttempt {
        var request = HTTPClientRequest(url: delivery.url)
        request.method = .POST
        request.headers = [
            "Content-Type": "application/json",
            "User-Agent": "trillet-sandbox/0.1.0",
            "X-Trillet-Delivery": delivery.id,
            WebhookSignature.header: WebhookSignature.of(delivery.body, secret: settings.secret),
        ]
        request.body = .bytes(ByteBuffer(string: delivery.body))
        let at = clock.now
        let start = ContinuousClock.now
        var status: Int?
        var problem: String?
        do {
            let answer = try await client.execute(request, timeout: WebhookSender.timeLimit)
            status = Int(answer.status.code)
            // The rest of an answer matters to nobody, but an unread one would cost the connection.
            _ = try? await answer.body.collect(upTo: WebhookSender.mostAnswerBytes)
        } catch {
            problem = String("\(error)".prefix(300))
        }
        return WebhookAttempt(
            at: at,
            milliseconds: Int64(start.duration(to: .now) / .milliseconds(1)),
            status: status,
            error: problem
        )
    }
}
