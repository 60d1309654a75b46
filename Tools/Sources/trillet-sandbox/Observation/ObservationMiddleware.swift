import HTTPTypes
import Hummingbird

/// Counts every request and tells listeners of those to the service.
struct ObservationMiddleware: RouterMiddleware {
    typealias Context = SandboxContext

    let metrics: RequestMetrics
    let feed: EventFeed
    /// By method and path pattern.
    private let operations: [HTTPRequest.Method: [String: String]]

    /// The operation of what is the sandbox's own: controls, page, metrics and health.
    static let control = "sandbox"
    /// The operation of what no route serves.
    static let unknown = "unknown"

    init(metrics: RequestMetrics, feed: EventFeed, routes: [Route]) {
        self.metrics = metrics
        self.feed = feed
        var operations: [HTTPRequest.Method: [String: String]] = [:]
        for route in routes {
            // The router's own spelling of a pattern.
            let pattern = RouterPath(route.path).description
            operations[route.method, default: [:]][pattern] = route.operation
        }
        self.operations = operations
    }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let operation = operation(of: request, context)
        do {
            let response = try await next(request, context)
            let seconds = start.duration(to: .now) / .seconds(1)
            let status = response.status.code
            metrics.record(operation: operation, status: status, seconds: seconds)
            if operation != ObservationMiddleware.control {
                publish(request, operation, response, seconds)
            }
            return response
        } catch {
            let seconds = start.duration(to: .now) / .seconds(1)
            metrics.record(operation: operation, status: 0, seconds: seconds)
            throw error
        }
    }

    private func operation(of request: Request, _ context: Context) -> String {
        if let pattern = context.endpointPath, let operation = operations[request.method]?[pattern]
        {
            return operation
        }
        let path = request.uri.path
        let isOwn =
            path.hasPrefix("/sandbox/")
            || ["/", "/metrics", "/healthz", "/openapi.json"].contains(path)
        return isOwn ? ObservationMiddleware.control : ObservationMiddleware.unknown
    }

    private func publish(
        _ request: Request,
        _ operation: String,
        _ response: Response,
        _ seconds: Double
    ) {
        feed.publish(
            .journal,
            [
                "requestId": .string(response.headers[.requestIdentifier] ?? ""),
                "operation": .string(operation), "method": .string(request.method.rawValue),
                "path": .string(request.uri.path), "status": .number(response.status.code),
                "milliseconds": .number((seconds * 10_000).rounded() / 10),
            ]
        )
    }
}
