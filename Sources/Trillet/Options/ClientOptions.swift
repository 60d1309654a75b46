import CTrillet

/// What a client is made with, checked.
struct ClientOptions {
    var apiKey: [UInt8] = []
    var workspaceID: [UInt8] = []
    /// nil until it is given: an empty one is a mistake, not the service.
    private var givenBaseURL: [UInt8]?
    private var isWorkspaceGiven = false
    var routes = RouteStyle.overview
    var timeoutMilliseconds = 60_000
    var connectTimeoutMilliseconds = 10_000
    var retries = RetryPolicy()
    var requestsPerMinute = 0
    var maxInFlight = 64
    var maxQueued = 100_000
    private var givenMaxConnections: Int?
    var maxResponseBytes = 64 * 1024 * 1024
    var proxy: [UInt8]?
    var caFile: [UInt8]?
    var headers: [Header] = []
    var userAgent: [UInt8] = []
    var validates = true
    var allowsInsecureHTTP = false
    var readsEnvironment = true

    static let defaultBaseURL: StaticString = "https://api.trillet.ai"

    /// Without a limit of their own, connections are no reason to wait.
    var maxConnections: Int { givenMaxConnections ?? max(64, maxInFlight) }

    var baseURL: [UInt8] { givenBaseURL ?? Array(ClientOptions.defaultBaseURL.bytes) }

    init(json text: Bytes) throws(Failure) {
        try NamedMembers.forEach(in: text, kind: .configuration) {
            (option: Option) throws(Failure) in
            try read(option)
        }
        if readsEnvironment { readEnvironment() }
        if apiKey.isEmpty {
            throw Failure.configuration(
                "There is no API key: give apiKey in the options or set TRILLET_API_KEY",
                field: "apiKey"
            )
        }
    }

    private mutating func read(_ option: Option) throws(Failure) {
        switch option.name {
        case .apiKey:
            apiKey = try option.headerValue()
            if apiKey.isEmpty {
                throw option.failure("is empty; leave it out to use the environment")
            }
        case .workspaceId:
            workspaceID = try option.headerValue()
            isWorkspaceGiven = true
        case .baseUrl: givenBaseURL = try option.text()
        case .routes: routes = try option.routeStyle()
        case .timeoutMs: timeoutMilliseconds = try option.integer(1...Option.largestMilliseconds)
        case .connectTimeoutMs:
            connectTimeoutMilliseconds = try option.integer(1...Option.largestMilliseconds)
        case .maxRetries: retries.maxRetries = try option.integer(0...100)
        case .maxRetryAfterMs:
            retries.maxRetryAfterMilliseconds = try option.integer(0...Option.largestMilliseconds)
        case .requestsPerMinute: requestsPerMinute = try option.integer(0...1_000_000_000)
        case .maxConnections: givenMaxConnections = try option.integer(1...100_000)
        case .maxInFlight: maxInFlight = try option.integer(1...1_000_000)
        case .maxQueued: maxQueued = try option.integer(0...10_000_000)
        case .maxResponseBytes: maxResponseBytes = try option.integer(1...(Int.max / 4))
        case .proxy: proxy = try option.text()
        case .caFile: caFile = try option.text()
        case .headers: headers = try option.headers()
        case .userAgent: userAgent = try option.headerValue()
        case .validate: validates = try option.boolean()
        case .allowInsecureHttp: allowsInsecureHTTP = try option.boolean()
        case .env: readsEnvironment = try option.boolean()
        case .idempotencyKey, .traceparent: throw option.unknown()
        }
    }

    private mutating func readEnvironment() {
        if apiKey.isEmpty { apiKey = ClientOptions.environment("TRILLET_API_KEY") }
        if !isWorkspaceGiven { workspaceID = ClientOptions.environment("TRILLET_WORKSPACE_ID") }
        if givenBaseURL == nil {
            let url = ClientOptions.environment("TRILLET_BASE_URL")
            if !url.isEmpty { givenBaseURL = url }
        }
        if caFile == nil {
            // The names that curl's own program and OpenSSL read, which libcurl does not.
            for name: StaticString in ["CURL_CA_BUNDLE", "SSL_CERT_FILE"] where caFile == nil {
                let path = ClientOptions.environment(name)
                if !path.isEmpty { caFile = path }
            }
        }
    }

    private static func environment(_ name: StaticString) -> [UInt8] {
        Array(Bytes(text: shim_environment(name.cText)).trimmed)
    }
}

enum RouteStyle {
    /// The paths of the API overview.
    case overview
    /// The paths, verbs and field names of the pages published for each endpoint.
    case published
}
