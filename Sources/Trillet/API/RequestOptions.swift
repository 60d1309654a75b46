/// What one request does differently from its client.
struct RequestOptions {
    var timeoutMilliseconds: Int
    var headers: [Header] = []
    var idempotencyKey: [UInt8] = []
    var routes: RouteStyle
    var validates: Bool

    init(json text: Bytes, of client: ClientOptions) throws(Failure) {
        timeoutMilliseconds = client.timeoutMilliseconds
        routes = client.routes
        validates = client.validates
        if text.count == 0 { return }
        try OptionReader.forEachOption(in: text, kind: .invalidArgument) {
            (option: Option) throws(Failure) in
            try read(option)
        }
    }

    private mutating func read(_ option: Option) throws(Failure) {
        switch option.name {
        case .timeoutMs: timeoutMilliseconds = try option.integer(1...Option.largestMilliseconds)
        case .maxRetries: _ = try option.integer(0...100)
        case .headers: headers = try option.headers()
        case .idempotencyKey: idempotencyKey = try option.headerValue()
        case .routes: routes = try option.routeStyle()
        case .validate: validates = try option.boolean()
        case .apiKey, .workspaceId, .baseUrl, .connectTimeoutMs, .requestsPerMinute,
            .maxConnections, .maxInFlight, .maxResponseBytes, .proxy, .caFile, .userAgent,
            .allowInsecureHttp, .env:
            throw option.unknown()
        }
    }
}
