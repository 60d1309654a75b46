/// What one request does differently from its client.
struct RequestOptions {
    var timeoutMilliseconds: Int
    var headers: [Header] = []
    var idempotencyKey: [UInt8] = []
    var traceparent: [UInt8] = []
    var retries: RetryPolicy
    var routes: RouteStyle
    var validates: Bool

    /// What a client says for requests that say nothing themselves.
    struct Defaults {
        let timeoutMilliseconds: Int
        let retries: RetryPolicy
        let routes: RouteStyle
        let validates: Bool
    }

    /// Whether the request cannot share the client's own header list.
    var hasHeaders: Bool {
        !headers.isEmpty || !idempotencyKey.isEmpty || !traceparent.isEmpty
    }

    init(json text: Bytes, defaults: Defaults) throws(Failure) {
        timeoutMilliseconds = defaults.timeoutMilliseconds
        routes = defaults.routes
        retries = defaults.retries
        validates = defaults.validates
        if text.count == 0 { return }
        try NamedMembers.forEach(in: text, kind: .invalidArgument) {
            (option: Option) throws(Failure) in
            try read(option)
        }
    }

    private mutating func read(_ option: Option) throws(Failure) {
        switch option.name {
        case .timeoutMs: timeoutMilliseconds = try option.integer(1...Option.largestMilliseconds)
        case .maxRetries: retries.maxRetries = try option.integer(0...100)
        case .maxRetryAfterMs:
            retries.maxRetryAfterMilliseconds = try option.integer(0...Option.largestMilliseconds)
        case .traceparent: traceparent = try option.headerValue()
        case .headers: headers = try option.headers()
        case .idempotencyKey: idempotencyKey = try option.headerValue()
        case .routes: routes = try option.routeStyle()
        case .validate: validates = try option.boolean()
        case .apiKey, .workspaceId, .baseUrl, .connectTimeoutMs, .requestsPerMinute,
            .maxConnections, .maxInFlight, .maxQueued, .maxResponseBytes, .proxy, .caFile,
            .userAgent,
            .allowInsecureHttp, .env:
            throw option.unknown()
        }
    }
}

extension ClientOptions {
    @inline(__always)
    var requestDefaults: RequestOptions.Defaults {
        RequestOptions.Defaults(
            timeoutMilliseconds: timeoutMilliseconds,
            retries: retries,
            routes: routes,
            validates: validates
        )
    }
}
