import CTrillet

/// What stands behind a `trillet_client`.
final class Client {
    let options: ClientOptions
    /// Of a request that says nothing itself.
    let requestDefaults: RequestOptions
    /// Hides what no error and no log line shows.
    let mask: SecretMask
    /// What every URL begins with.
    let urlPrefix: ByteBuffer
    let settings: TransferSettings
    let callers: Callers
    let admission: Admission
    let pool: TransferPool
    let observer: Observer
    let completions: Completions
    let dispatch: LazyDispatcher
    let interruption: Interruption
    private let home = HomeProcess()
    let headers: CommonHeaders
    let routes = RouteMemory()

    /// Everything that can fail happens before there is an object.
    /// docs/decisions.md, no-throwing-init.
    static func make(_ options: ClientOptions) throws(Failure) -> Client {
        try prepareLibcurl()
        let baseURL = try BaseURL(options.serviceURL)
        if let proxy = options.proxy { try ProxyURL.check(proxy) }
        try refuseClearText(options, baseURL)
        let mask = SecretMask(options.secrets)
        let settings = try transferSettings(options, baseURL)
        guard let callers = Callers(),
            let admission = Admission(
                maxInFlight: options.maxInFlight,
                requestsPerMinute: options.requestsPerMinute,
                operations: OperationTable.all.count + 1
            ),
            let pool = TransferPool(settings: settings, maxConnections: options.mostConnections),
            let observer = Observer(
                operations: OperationTable.all.map { $0.id },
                mask: mask
            ),
            let completions = Completions(), let dispatch = LazyDispatcher(),
            let interruption = Interruption()
        else { throw Failure.outOfMemory }
        var urlPrefix = ByteBuffer()
        urlPrefix.append(baseURL.text)
        if urlPrefix.isOutOfMemory { throw Failure.outOfMemory }
        return Client(
            options: options,
            mask: mask,
            urlPrefix: urlPrefix,
            settings: settings,
            callers: callers,
            admission: admission,
            pool: pool,
            observer: observer,
            completions: completions,
            dispatch: dispatch,
            interruption: interruption,
            headers: try CommonHeaders(client: options)
        )
    }

    private init(
        options: ClientOptions,
        mask: SecretMask,
        urlPrefix: consuming ByteBuffer,
        settings: TransferSettings,
        callers: Callers,
        admission: Admission,
        pool: TransferPool,
        observer: Observer,
        completions: Completions,
        dispatch: LazyDispatcher,
        interruption: Interruption,
        headers: consuming CommonHeaders
    ) {
        self.options = options
        requestDefaults = RequestOptions(of: options)
        self.mask = mask
        self.urlPrefix = urlPrefix
        self.settings = settings
        self.callers = callers
        self.admission = admission
        self.pool = pool
        self.observer = observer
        self.completions = completions
        self.dispatch = dispatch
        self.interruption = interruption
        self.headers = headers
    }

    /// In a forked child the connections belong to the parent: two processes on one would read
    /// each other's answers.
    var isForked: Bool { home.isForked }

    private static func prepareLibcurl() throws(Failure) {
        guard shim_curl_global_init() == CURLE_OK else {
            throw Failure(.internal, "libcurl could not be initialised")
        }
        guard shim_curl_resolves_asynchronously() != 0 else {
            throw Failure.configuration(
                """
                This libcurl was built without an asynchronous resolver, so a name look-up could \
                not be timed out; install one built with the threaded resolver or c-ares
                """
            )
        }
    }

    /// The key never crosses a network in clear.
    private static func refuseClearText(
        _ options: ClientOptions,
        _ baseURL: BaseURL
    ) throws(Failure) {
        if baseURL.isSecure || options.allowsInsecureHTTP { return }
        guard baseURL.isLoopback else {
            throw Failure.configuration(
                """
                baseUrl is plain http to another host, which would show the API key to the \
                network; use https, or set allowInsecureHttp if you must
                """,
                field: "baseUrl"
            )
        }
        if let proxy = options.proxy, !proxy.isEmpty, !ProxyURL.isLoopback(proxy) {
            throw Failure.configuration(
                """
                A proxy on another host would carry plain http, and with it the API key, in \
                clear; use https, or set allowInsecureHttp if you must
                """,
                field: "proxy"
            )
        }
    }

    private static func transferSettings(
        _ options: ClientOptions,
        _ baseURL: BaseURL
    ) throws(Failure) -> TransferSettings {
        var caFile = options.caFile
        if caFile == nil { caFile = try Authorities.file(isNeeded: baseURL.isSecure) }
        return TransferSettings(
            connectTimeoutMilliseconds: options.connectTimeoutMilliseconds,
            maxResponseBytes: options.maxResponseBytes,
            proxy: options.proxy,
            proxyName: Proxy.find(
                option: options.proxy,
                isSecure: baseURL.isSecure,
                isLoopback: baseURL.isLoopback
            ),
            caFile: caFile,
            isSecure: baseURL.isSecure,
            isLoopback: baseURL.isLoopback,
            service: ServiceProtocol(isSecure: baseURL.isSecure)
        )
    }
}
