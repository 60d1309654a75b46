import CTrillet
import Foundation

/// A client of the Trillet API.
///
///     let client = try TrilletClient()  // TRILLET_API_KEY, TRILLET_WORKSPACE_ID
///     let call = try await client.calls.send(agentId: agent, toNumber: "+12025550164")
///
/// Make one and share it: any number of tasks may use it at the same time. Requests wait in the
/// library, so thousands may be under way and block no thread. A task that is cancelled cancels its
/// request, which then throws ``TrilletError/Kind/cancelled`` with a truthful
/// ``TrilletError/sent``, or returns the answer that was already there.
///
/// A client that nobody refers to any more is closed at once. ``close(timeout:)`` and
/// ``drain(timeout:)`` wait for what is under way.
public final class TrilletClient: Sendable {
    let handle: ClientHandle
    /// How many requests ``map(_:maxInFlight:ordered:options:)`` has under way by default.
    let window: Int

    /// Makes a client. Nothing is sent: a wrong key shows at the first call.
    ///
    /// - Throws: `configuration` when an option is missing or mistyped; ``TrilletError/field`` names
    ///   it.
    public init(_ options: ClientOptions = ClientOptions()) throws(TrilletError) {
        guard trillet_abi() == TrilletClient.abi else {
            throw TrilletError(
                type: .configuration,
                message: "libtrillet.so has the binary interface \(trillet_abi()), this module "
                    + "needs \(TrilletClient.abi): install the libtrillet that it came with",
                sent: .no
            )
        }
        handle = try ClientHandle(options)
        window = TrilletClient.window(options)
    }

    /// The version of the library that is loaded.
    public static var libraryVersion: String { String(cString: trillet_version()) }

    // MARK: Calls

    /// Sends a request and returns its answer.
    ///
    ///     try await client.send(Calls.Send(agentId: agent, toNumber: number))
    public func send<Request: OperationRequest>(
        _ request: Request,
        options: RequestOptions? = nil
    ) async throws(TrilletError) -> Request.Answer {
        try await response(to: request, options: options).data
    }

    /// Sends a request and returns its answer with the HTTP status and what it took.
    public func response<Request: OperationRequest>(
        to request: Request,
        options: RequestOptions? = nil
    ) async throws(TrilletError) -> Response<Request.Answer> {
        try await call(Request.operation, request, options: options, as: Request.Answer.self)
    }

    /// Calls any operation by its id, or any endpoint by method and path.
    ///
    ///     try await client.call("GET /v2/api/call-history", ["page": 1]).data["calls"]
    ///
    /// - Parameters:
    ///   - operation: An operation's id, or `METHOD /path`.
    ///   - request: The fields as one JSON object.
    ///   - options: What this request does differently from the client.
    ///   - type: What the answer is read as.
    public func call<Data: Decodable & Sendable>(
        _ operation: String,
        _ request: some Encodable = [String: JSONValue](),
        options: RequestOptions? = nil,
        as type: Data.Type = JSONValue.self
    ) async throws(TrilletError) -> Response<Data> {
        let text = try jsonText(request, of: operation)
        let options = try jsonText(options, for: operation)
        return try Envelope.response(try await handle.answer(operation, text, options), as: type)
    }

    // MARK: First call and last

    /// Opens connections ahead of the first requests, as many as are to find one at the same time.
    ///
    /// - Returns: How many are open, and what each took.
    @discardableResult
    public func warm(
        _ connections: Int,
        timeout: Duration? = nil
    ) async throws(TrilletError) -> Warmth {
        let handle = handle
        let answer = await onOwnThread {
            Answer.taking(
                trillet_client_warm(
                    handle.pointer,
                    Int32(clamping: connections),
                    cTimeout(timeout)
                )
            )
        }
        return try Envelope.response(answer, as: Warmth.self).data
    }

    /// Starts nothing more, and lets what is being sent end: for SIGTERM.
    ///
    /// Requests that wait for their turn, a connection or another attempt end at once, as
    /// `cancelled`.
    ///
    /// - Parameter timeout: How long requests that are being sent have; nil for as long as it takes.
    /// - Returns: Whether all that were being sent ended in time.
    @discardableResult
    public func drain(timeout: Duration? = nil) async -> Bool {
        handle.willClose()
        let handle = handle
        return await onOwnThread { trillet_client_drain(handle.pointer, cTimeout(timeout)) == 0 }
    }

    /// Refuses new calls, and lets those already accepted end.
    ///
    /// - Parameter timeout: How long they have; nil for as long as it takes. Those that have not
    ///   ended then are cancelled.
    /// - Returns: Whether every call ended by itself.
    @discardableResult
    public func close(timeout: Duration? = nil) async -> Bool {
        handle.willClose()
        let handle = handle
        return await onOwnThread { trillet_client_close(handle.pointer, cTimeout(timeout)) == 0 }
    }

    // MARK: What it does

    /// Counts of calls, errors, retries and connections, with percentiles of the latency.
    public func stats() throws(TrilletError) -> JSONValue {
        let text = Answer.taking(trillet_client_stats(handle.pointer))
        guard let stats = try? JSONDecoder().decode(JSONValue.self, from: text.data),
            stats["ok"] == nil
        else { throw Envelope.error(text) }
        return stats
    }

    /// Sends the client's log to a function: lines of `key=value` pairs without keys and numbers.
    ///
    /// It is called on a thread of the library and holds up the client's other requests while it
    /// runs. Another call replaces it; `off` ends the log.
    ///
    /// - Returns: Whether there is a log now; not on a closed client.
    @discardableResult
    public func setLog(
        _ level: LogLevel,
        to log: @escaping @Sendable (LogLevel, String) -> Void = { _, _ in }
    ) -> Bool {
        let receiver = LogReceiver(log)
        handle.hold(receiver)
        return trillet_client_set_log(
            handle.pointer,
            level.rawValue,
            { userData, level, line in
                guard let userData, let line else { return }
                let receiver = Unmanaged<LogReceiver>.fromOpaque(userData).takeUnretainedValue()
                receiver.log(LogLevel(rawValue: level) ?? .error, String(cString: line))
            },
            Unmanaged.passUnretained(receiver).toOpaque()
        ) == 0
    }

    /// Waiting for a turn counts against the timeout: what is handed in must get its turn in half of
    /// it.
    private static func window(_ options: ClientOptions) -> Int {
        let limit = max(1, options.maxInFlight ?? 64)
        guard let rate = options.requestsPerMinute, rate > 0 else { return limit }
        let timeout = max(1, (options.timeout ?? .seconds(60)).wholeMilliseconds)
        let (product, isLarge) = rate.multipliedReportingOverflow(by: timeout)
        return isLarge ? limit : max(1, min(limit, product / 120_000))
    }
}

/// How much a client's log says.
public enum LogLevel: Int32, Sendable, Comparable {
    case off = 0
    /// Requests that failed.
    case error
    /// And attempts that failed and are repeated, pauses the service asked for, lost log lines.
    case warning
    /// And every request that succeeded.
    case info
    /// And the start of every attempt, and connections.
    case debug

    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

private final class LogReceiver: Sendable {
    let log: @Sendable (LogLevel, String) -> Void

    init(_ log: @escaping @Sendable (LogLevel, String) -> Void) {
        self.log = log
    }
}

/// The connections that were opened ahead.
public struct Warmth: Codable, Sendable, Hashable {
    /// How many requests at the same time will find an open connection.
    public var open: Int
    public var connections: [Connection]

    public struct Connection: Codable, Sendable, Hashable {
        /// `calls` or `submitted`.
        public var `for`: String
        public var lookupMs: Double
        public var connectMs: Double
        public var tlsMs: Double
        /// `HTTP/1.1` or `HTTP/2`.
        public var `protocol`: String
        /// Whether it was open already.
        public var reused: Bool
    }
}
