import Hummingbird
import Logging

/// The HTTP server with everything behind it.
struct SandboxServer: Sendable {
    struct Settings: Sendable {
        var host: String
        var port: Int
        var seed: UInt64
        var requestsPerMinute: Int
        var concurrency: Int
        var bareLists: Bool
        var webhooks: WebhookSettings
    }

    let settings: Settings
    let store: Store
    let clock: SimulatedClock
    let logger: Logger

    /// Serves until the process is asked to stop; `whenReady` is told the port.
    func run(whenReady: @escaping @Sendable (Int) -> Void) async throws {
        let scheduler = Scheduler(
            store: store,
            clock: clock,
            seed: settings.seed,
            concurrency: settings.concurrency,
            logger: logger
        )
        let application = Application(
            router: router(),
            configuration: .init(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in whenReady(channel.localAddress?.port ?? 0) },
            logger: quietLogger
        )
        let sender = WebhookSender(
            store: store,
            clock: clock,
            settings: settings.webhooks,
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sender.run() }
            group.addTask { await scheduler.run() }
            group.addTask { try await application.runService() }
            // The scheduler ends only when it is cancelled: the first to end is the server.
            defer { group.cancelAll() }
            try await group.next()
        }
        try await scheduler.saveTime()
    }

    /// The server library's own lines matter to nobody who does not debug it.
    private var quietLogger: Logger {
        var quiet = logger
        if logger.logLevel > .debug { quiet.logLevel = max(logger.logLevel, .warning) }
        return quiet
    }

    private func router() -> Router<SandboxContext> {
        let router = Router(
            context: SandboxContext.self,
            options: [.autoGenerateHeadEndpoints]
        )
        router.add(middleware: AnswerMiddleware(logger: logger))
        let limiter = RateLimiter(requestsPerMinute: settings.requestsPerMinute)
        router.install(routes, behind: Gatekeeper(store: store, limiter: limiter))
        router.install(controls)
        let clock = self.clock
        router.get("/healthz") { _, _ in
            Answer(["status": "ok", "time": .string(Timestamp.text(clock.now))]).response
        }
        router.refuseOtherMethods(path: "/healthz", allowed: [.get])
        router.get("/openapi.json") { _, _ in Answer.description.response }
        router.refuseOtherMethods(path: "/openapi.json", allowed: [.get])
        return router
    }

    /// What people and tests steer the sandbox with; none of it exists on the service.
    private var controls: [ControlRoute] {
        DeliveryRoutes(store: store, settings: settings.webhooks).routes
    }

    private var routes: [Route] {
        AgentRoutes(store: store, clock: clock, bareLists: settings.bareLists).routes
            + FlowRoutes(store: store, clock: clock, bareLists: settings.bareLists).routes
            + CallRoutes(store: store, clock: clock, seed: settings.seed).routes
            + CallHistoryRoutes(store: store, clock: clock).routes
            + NumberRoutes(store: store, clock: clock).routes
            + ContactFileRoutes().routes
            + BatchRoutes(store: store, clock: clock).routes
            + BatchCallRoutes(store: store).routes
    }
}
