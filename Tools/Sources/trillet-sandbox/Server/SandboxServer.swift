import Hummingbird
import Logging

/// The HTTP server with everything behind it.
struct SandboxServer: Sendable {
    struct Settings: Sendable {
        var host: String
        /// Further names to be asked for by.
        var allowedHosts: [String]
        var port: Int
        var seed: UInt64
        var requestsPerMinute: Int
        var concurrency: Int
        var largestBatch: Int
        /// Bytes.
        var uploadMemory: Int
        var connections: ConnectionLimits
        var isConcurrencyStrict: Bool
        /// Those that exist from the start.
        var accounts: [Account]
        var served: ServedRoutes
        var bareLists: Bool
        var published: PublishedRules
        var webhooks: WebhookSettings
    }

    let settings: Settings
    let store: Store
    let clock: SimulatedClock
    let logger: Logger
    let seed: SimulationSeed
    private let limiter: RateLimiter
    private let observation: Observation
    private let watcher: EventWatcher
    private let traffic: Traffic
    private let preCall: PreCall
    private let variables: BatchVariables

    init(settings: Settings, store: Store, clock: SimulatedClock, logger: Logger) {
        self.settings = settings
        self.store = store
        self.clock = clock
        self.logger = logger
        seed = SimulationSeed(settings.seed)
        limiter = RateLimiter(requestsPerMinute: settings.requestsPerMinute)
        observation = Observation()
        watcher = EventWatcher(store: store, clock: clock, feed: observation.feed, logger: logger)
        preCall = PreCall(settings: settings.webhooks)
        variables = BatchVariables(preCall: preCall, logger: logger)
        traffic = Traffic(seed: settings.seed, whenAppended: observation.publish)
    }

    /// Serves until the process is asked to stop; `whenReady` is told the port.
    func run(whenReady: @escaping @Sendable (Int) -> Void) async throws {
        let scheduler = self.scheduler
        let watcher = self.watcher
        let application = Application(
            router: router(),
            server: settings.connections.builder,
            configuration: .init(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: .maximum(
                    settings.connections.connections,
                    logger: quietLogger
                )
            ),
            onServerRunning: { [settings] channel in
                let port = channel.localAddress?.port ?? 0
                settings.webhooks.origin.text = ServerOrigin.url(host: settings.host, port: port)
                whenReady(port)
            },
            logger: quietLogger
        )
        let sender = WebhookSender(
            store: store,
            clock: clock,
            settings: settings.webhooks,
            logger: logger,
            feed: observation.feed,
            faults: traffic.rules
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await sender.run() }
            group.addTask { await scheduler.run() }
            group.addTask { try await application.runService() }
            group.addTask { await watcher.run() }
            // The scheduler ends only when it is cancelled: the first to end is the server.
            defer { group.cancelAll() }
            try await group.next()
        }
        do {
            try await scheduler.saveTime()
        } catch {
            let reason = (error as? Failure)?.detail ?? "\(error)"
            logger.warning("The simulated time of this end was not kept: \(reason)")
        }
    }

    private var scheduler: Scheduler {
        Scheduler(
            store: store,
            clock: clock,
            seed: seed,
            concurrency: settings.concurrency,
            webhooks: settings.webhooks,
            variables: variables,
            logger: logger
        )
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
        let operations = OperationNames(routes)
        router.add(middleware: observation.middleware(for: operations))
        router.add(
            middleware: HostMiddleware(
                rules: HostRules(listeningOn: settings.host, allowed: settings.allowedHosts),
                logger: logger
            )
        )
        router.add(
            middleware: RecordingMiddleware(
                traffic: traffic,
                operations: operations,
                logger: logger
            )
        )
        router.add(middleware: AnswerMiddleware(logger: logger, operations: operations))
        router.install(routes, behind: Gatekeeper(access: AccessCache(store), limiter: limiter))
        router.install(controls + pageControls(operations) + traffic.routes(operations))
        let clock = self.clock
        router.get("/healthz") { _, _ in
            Answer(["status": "ok", "time": .string(Timestamp.text(clock.now))]).response
        }
        router.refuseOtherMethods(path: "/healthz", allowed: [.get])
        // Programs ask here whether the service is there.
        router.get("/v1/api") { _, _ in Answer(["status": "ok"]).response }
        router.refuseOtherMethods(path: "/v1/api", allowed: [.get])
        let metrics = observation.page(store, clock)
        router.get("/metrics") { _, _ in try await metrics.response() }
        router.refuseOtherMethods(path: "/metrics", allowed: [.get])
        router.get("/openapi.json") { request, _ in
            try DescriptionRoutes.answer(request).response
        }
        router.refuseOtherMethods(path: "/openapi.json", allowed: [.get])
        return router
    }

    /// What people and tests steer the sandbox with; none of it exists on the service.
    private var controls: [ControlRoute] {
        OverviewRoutes(store: store, clock: clock).routes
            + EventStream(feed: observation.feed, clock: clock, watcher: watcher).routes
            + ClockRoutes(store: store, clock: clock, scheduler: scheduler).routes
            + CallControlRoutes(store: store, clock: clock).routes
            + CallerRoutes(store: store).routes
            + ResetRoutes(
                store: store,
                clock: clock,
                seed: seed,
                accounts: settings.accounts,
                forgetting: forgetting
            ).routes
            + webhookControls
    }

    /// What the page is made of and asks for.
    private func pageControls(_ operations: OperationNames) -> [ControlRoute] {
        PageDocument().routes
            + SummaryRoutes(
                store: store,
                clock: clock,
                served: settings.served,
                operations: operations.all
            ).routes
            + CallListRoutes(store: store, clock: clock).routes
            + BatchListRoutes(store: store).routes
            + HoldingRoutes(store: store, clock: clock).routes
            + PlotRoutes(store: store, clock: clock).routes
    }

    private var webhookControls: [ControlRoute] {
        AccountWebhookRoutes(store: store, settings: settings.webhooks).routes
            + PreCallRoutes(preCall: preCall).routes
            + DeliveryRoutes(
                store: store,
                clock: clock,
                settings: settings.webhooks,
                feed: observation.feed
            ).routes
    }

    /// What a reset empties beside the database.
    private var forgetting: [@Sendable () async -> Void] {
        [
            { [limiter] in limiter.forget() },
            { [traffic, seed] in traffic.reset(seed: seed.value) },
            { [observation, clock] in observation.publishReset(clock) },
        ]
    }

    private var routes: [Route] { settings.served.among(allRoutes) }

    private var allRoutes: [Route] {
        let budget = UploadBudget(limit: settings.uploadMemory)
        let (bareLists, published) = (settings.bareLists, settings.published)
        return AgentRoutes(
            store: store,
            clock: clock,
            bareLists: bareLists,
            published: published
        ).routes
            + FlowRoutes(store: store, clock: clock, bareLists: bareLists, published: published)
            .routes
            + CallRoutes(
                store: store,
                clock: clock,
                seed: seed,
                strictConcurrency: strictConcurrency,
                webhooks: settings.webhooks,
                preCall: preCall
            ).routes
            + wholeService
            + ContactFileRoutes(budget: budget).routes
            + BatchRoutes(
                store: store,
                clock: clock,
                largestBatch: settings.largestBatch,
                budget: budget
            ).routes
            + BatchCallRoutes(store: store).routes
    }

    /// What the service documents beyond agents, flows, calls and batches.
    private var wholeService: [Route] {
        var routes = CallHistoryRoutes(store: store, clock: clock).routes
        routes += CallExportRoutes(store: store, clock: clock).routes
        routes += RecordingRoutes(store: store, clock: clock).routes
        routes += WebCallRoutes(store: store, clock: clock, seed: seed).routes
        routes += NumberRoutes(store: store, clock: clock).routes
        routes += NumberMarketRoutes(store: store, clock: clock).routes
        routes += KnowledgeBaseRoutes(store: store, clock: clock).routes
        routes += FlowKnowledgeRoutes(store: store, clock: clock).routes
        routes += VoiceRoutes(store: store, clock: clock).routes
        routes += MessageRoutes(store: store, clock: clock).routes
        routes +=
            ConversationRoutes(
                store: store,
                clock: clock,
                webhooks: settings.webhooks
            ).routes
        routes += FolderRoutes(store: store, clock: clock).routes
        return routes + WorkspaceRoutes(store: store, clock: clock).routes
    }

    private var strictConcurrency: StrictConcurrency? {
        guard settings.isConcurrencyStrict else { return nil }
        return StrictConcurrency(limit: settings.concurrency, clock: clock)
    }
}
