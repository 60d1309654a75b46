import HTTPTypes
import Hummingbird

/// Counts every request and how long it took. The outermost layer.
struct ObservationMiddleware: RouterMiddleware {
    typealias Context = SandboxContext

    let metrics: RequestMetrics
    let operations: OperationNames

    /// The operation of what is the sandbox's own: controls, page, metrics and health.
    private static let control = "sandbox"
    /// The operation of what no route serves.
    private static let unknown = "unknown"

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var status = 0
        defer {
            metrics.record(
                operation: operation(of: request, context),
                status: status,
                seconds: start.duration(to: .now) / .seconds(1)
            )
        }
        let response = try await next(request, context)
        status = response.status.code
        return response
    }

    private func operation(of request: Request, _ context: Context) -> String {
        if let name = operations.name(request.method, context.endpointPath) { return name }
        let isControl = OperationNames.isControl(request.uri.path)
        return isControl ? ObservationMiddleware.control : ObservationMiddleware.unknown
    }
}
