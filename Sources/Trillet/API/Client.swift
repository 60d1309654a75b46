import CTrillet

/// What stands behind a `trillet_client`.
final class Client {
    let options: ClientOptions
    let baseURL: BaseURL
    let settings: TransferSettings
    let admission: Admission
    let pool: TransferPool
    let observer: Observer
    let completions: Completions
    let dispatch: LazyDispatcher
    private let processID: Int32
    /// The headers of most requests, made once.
    private let jsonHeaders: HeaderList
    private let plainHeaders: HeaderList

    /// Everything that can fail happens before there is an object.
    static func make(_ options: ClientOptions) throws(Failure) -> Client {
        try prepareLibcurl()
        let baseURL = try BaseURL(options.baseURL)
        try refuseClearText(options, baseURL)
        let settings = transferSettings(options, baseURL)
        guard
            let admission = Admission(
                maxInFlight: options.maxInFlight,
                requestsPerMinute: options.requestsPerMinute,
                operations: OperationTable.all.count + 1
            ),
            let pool = TransferPool(settings: settings, maxConnections: options.maxConnections),
            let observer = Observer(
                operations: OperationTable.all.map { $0.id },
                secret: options.apiKey
            ),
            let completions = Completions(), let dispatch = LazyDispatcher()
        else { throw Failure.outOfMemory }
        let headers = RequestHeaders(client: options)
        return Client(
            options: options,
            baseURL: baseURL,
            settings: settings,
            admission: admission,
            pool: pool,
            observer: observer,
            completions: completions,
            dispatch: dispatch,
            jsonHeaders: try headers.makeList(isJSON: true),
            plainHeaders: try headers.makeList(isJSON: false)
        )
    }

    private init(
        options: ClientOptions,
        baseURL: BaseURL,
        settings: TransferSettings,
        admission: Admission,
        pool: TransferPool,
        observer: Observer,
        completions: Completions,
        dispatch: LazyDispatcher,
        jsonHeaders: consuming HeaderList,
        plainHeaders: consuming HeaderList
    ) {
        self.options = options
        self.baseURL = baseURL
        self.settings = settings
        self.admission = admission
        self.pool = pool
        self.observer = observer
        self.completions = completions
        self.dispatch = dispatch
        self.jsonHeaders = jsonHeaders
        self.plainHeaders = plainHeaders
        processID = shim_process_id()
    }

    /// In a forked child the connections belong to the parent: two processes on one would read
    /// each other's answers.
    var isForked: Bool { processID != shim_process_id() }

    /// The headers every request of this kind sends, owned by the client.
    func commonHeaders(isJSON: Bool) -> UnsafeMutablePointer<curl_slist>? {
        isJSON ? jsonHeaders.head : plainHeaders.head
    }

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
        if let proxy = options.proxy, !proxy.isEmpty, !BaseURL.isLoopback(proxy: proxy) {
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
    ) -> TransferSettings {
        return TransferSettings(
            connectTimeoutMilliseconds: options.connectTimeoutMilliseconds,
            maxResponseBytes: options.maxResponseBytes,
            proxy: options.proxy,
            caFile: options.caFile,
            isSecure: baseURL.isSecure,
            isLoopback: baseURL.isLoopback
        )
    }
}
