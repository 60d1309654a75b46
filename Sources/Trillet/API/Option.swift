/// The names that options have, of a client or of one request.
enum OptionName: Int, CaseIterable {
    case apiKey, workspaceId, baseUrl, routes, timeoutMs, connectTimeoutMs, maxRetries
    case requestsPerMinute, maxConnections, maxInFlight, maxResponseBytes, proxy, caFile
    case headers, userAgent, validate, allowInsecureHttp, env, idempotencyKey
    case maxRetryAfterMs, maxQueued, traceparent

    var text: StaticString {
        switch self {
        case .apiKey: "apiKey"
        case .workspaceId: "workspaceId"
        case .baseUrl: "baseUrl"
        case .routes: "routes"
        case .timeoutMs: "timeoutMs"
        case .connectTimeoutMs: "connectTimeoutMs"
        case .maxRetries: "maxRetries"
        case .requestsPerMinute: "requestsPerMinute"
        case .maxConnections: "maxConnections"
        case .maxInFlight: "maxInFlight"
        case .maxResponseBytes: "maxResponseBytes"
        case .proxy: "proxy"
        case .caFile: "caFile"
        case .headers: "headers"
        case .userAgent: "userAgent"
        case .validate: "validate"
        case .allowInsecureHttp: "allowInsecureHttp"
        case .env: "env"
        case .idempotencyKey: "idempotencyKey"
        case .maxRetryAfterMs: "maxRetryAfterMs"
        case .maxQueued: "maxQueued"
        case .traceparent: "traceparent"
        }
    }
}

/// One member of an options object, with the readers that check its type.
///
/// No error quotes a value: an API key put under the wrong name must not reach a log.
struct Option {
    let name: OptionName
    let value: JSONValue
    let kind: FailureKind

    static let largestMilliseconds = Int(Int32.max)

    func text() throws(Failure) -> [UInt8] {
        guard let string = value.string else { throw mistyped("a string") }
        let decoded = string.decoded()
        // C cannot carry a NUL in a text, and none of these has a use for one.
        guard !decoded.contains(0) else { throw failure("must not contain a NUL character") }
        return decoded
    }

    func headerValue() throws(Failure) -> [UInt8] {
        let text = try text()
        guard !text.contains(where: { $0.isControl }) else {
            throw failure("must not contain line ends or other control characters")
        }
        return text
    }

    func boolean() throws(Failure) -> Bool {
        guard value.kind == .boolean else { throw mistyped("true or false") }
        return value.isTrue
    }

    func integer(_ range: ClosedRange<Int>) throws(Failure) -> Int {
        guard value.kind == .number else { throw mistyped("a whole number") }
        guard let number = value.integer, range.contains(number) else {
            throw failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func routeStyle() throws(Failure) -> RouteStyle {
        let name = try text()
        if name.equals("overview") { return .overview }
        if name.equals("published") { return .published }
        throw failure("must be \"overview\" or \"published\"")
    }

    func headers() throws(Failure) -> [Header] {
        guard value.kind == .object else { throw mistyped("an object of header names and values") }
        var headers: [Header] = []
        try value.forEachMember { (member: JSONMember) throws(Failure) in
            headers.append(try header(member))
        }
        return headers
    }

    private func header(_ member: JSONMember) throws(Failure) -> Header {
        let name = member.name.decoded()
        guard HeaderName.isToken(name) else {
            throw failure("has a name that is not an HTTP header name: '\(Message(name))'")
        }
        if let advice = HeaderName.adviceAgainst(name) {
            throw failure("must not set '\(Message(name))': \(advice)")
        }
        guard let string = member.value.string else {
            throw failure("must give '\(Message(name))' a string, not \(member.value.kind.name)")
        }
        let text = string.decoded()
        guard !text.contains(where: { $0.isControl && $0 != 0x09 }) else {
            throw failure(
                "must not put line ends or other control characters into '\(Message(name))'"
            )
        }
        return Header(name: name, value: text.withUnsafeBufferPointer { Array($0.trimmed) })
    }

    func unknown() -> Failure {
        failure("is not an option here")
    }

    func mistyped(_ expected: StaticString) -> Failure {
        failure("must be \(expected), not \(value.kind.name)")
    }

    func failure(_ problem: Message) -> Failure {
        var failure = Failure(kind, "Option '\(name.text)' \(problem)")
        failure.field = "\(name.text)"
        return failure
    }
}

/// The options read so far: one given twice has no meaning.
private struct SeenOptions {
    private var bits: UInt32 = 0

    mutating func insert(_ option: Option) throws(Failure) {
        let bit = UInt32(1) << UInt32(option.name.rawValue)
        guard bits & bit == 0 else { throw option.failure("is given twice") }
        bits |= bit
    }
}

enum OptionReader {
    static func forEachOption(
        in text: Bytes,
        kind: FailureKind,
        _ body: (Option) throws(Failure) -> Void
    ) throws(Failure) {
        if text.count == 0 { return }
        let whole = try JSONInput.checkObject(text, what: "The options")
        var seen = SeenOptions()
        try whole.forEachMember { (member: JSONMember) throws(Failure) in
            guard let name = name(of: member.name) else {
                let given = member.name.decoded()
                var failure = Failure(kind, "There is no option '\(Message(given))'")
                failure.field = Message(given)
                throw failure
            }
            let option = Option(name: name, value: member.value, kind: kind)
            try seen.insert(option)
            // null is how bindings write "not given".
            if member.value.kind != .null { try body(option) }
        }
    }

    private static func name(of text: JSONText) -> OptionName? {
        for name in OptionName.allCases where text.equals(name.text) { return name }
        return nil
    }
}

enum HeaderName {
    /// Whether the text is a token of RFC 9110.
    static func isToken(_ name: [UInt8]) -> Bool {
        if name.isEmpty { return false }
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            default:
                guard ("!#$%&'*+-.^_`|~" as StaticString).bytes.firstOffset(of: byte) != nil
                else { return false }
            }
        }
        return true
    }

    /// Why a header is not the host's to set, nil when it is.
    static func adviceAgainst(_ name: [UInt8]) -> StaticString? {
        name.withUnsafeBufferPointer { name in
            func matches(_ text: StaticString) -> Bool { name.equalsIgnoringCase(text.bytes) }
            if matches("x-api-key") { return "use the client option apiKey" }
            if matches("x-workspace-id") { return "use the client option workspaceId" }
            if matches("user-agent") { return "use the client option userAgent" }
            if matches("content-length") || matches("transfer-encoding")
                || matches("content-type") || matches("host") || matches("connection")
                || matches("expect")
            {
                return "it follows from the request"
            }
            return nil
        }
    }
}
