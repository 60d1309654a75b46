import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The outermost layer: notes every request of the service in ledger and journal, and lets the
/// faults that were ordered strike.
struct RecordingMiddleware: RouterMiddleware {
    typealias Context = SandboxContext

    let traffic: Traffic
    let operations: OperationNames
    let logger: Logger

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard !OperationNames.isControl(request.uri.path) else {
            return try await next(request, context)
        }
        let start = ContinuousClock.now
        var context = context
        var request = request
        context.requestIdentifier = AnswerMiddleware.identifier(of: request)
        let operation = operations.name(request.method, context.endpointPath)
        let ordered = Result { try fault(for: operation, request) }
        let visit = Visit(
            request: request.head,
            requestId: context.requestIdentifier,
            operation: operation,
            fault: (try? ordered.get())?.text,
            connection: context.channel.remoteAddress?.port ?? 0,
            start: start,
            traffic: traffic
        )
        context.trace = visit.trace
        if visit.hasBody {
            request.body = RequestBody(
                asyncSequence: TracedBody(body: request.body, trace: visit.trace)
            )
        }
        switch ordered {
        case .success(let fault?):
            logger.info(
                "\(request.method.rawValue) \(request.uri.path) meets the fault \(fault.text)",
                metadata: ["request": "\(context.requestIdentifier)"]
            )
            return try await FaultedAnswer(fault: fault, visit: visit, context: context)
                .response(to: request, next: next)
        case .success:
            let response = try await next(request, context)
            await visit.answered(response, on: context.channel)
            return response
        case .failure(let error):
            var response = Answer.refusal(error as? Failure ?? Fault.refusal("\(error)")).response
            response.headers[.requestIdentifier] = context.requestIdentifier
            await visit.answered(response, on: context.channel)
            return response
        }
    }

    /// The header orders a fault for its own request, and then no rule is used up.
    private func fault(for operation: String?, _ request: Request) throws -> Fault? {
        if let header = request.headers[.fault] { return try Fault(header: header) }
        return operation.flatMap(traffic.rules.fault)
    }
}

/// The operations by their methods and path patterns.
struct OperationNames: Sendable {
    private let names: [String: [String: String]]

    init(_ routes: [Route]) {
        names = routes.reduce(into: [:]) { names, route in
            names[RouterPath(route.path).description, default: [:]][route.method.rawValue] =
                route.operation
        }
    }

    var all: Set<String> { Set(names.values.flatMap(\.values)) }

    func name(_ method: HTTPRequest.Method, _ endpointPath: String?) -> String? {
        guard let siblings = endpointPath.flatMap({ names[$0] }) else { return nil }
        return siblings[method.rawValue] ?? (method == .head ? siblings["GET"] : nil)
    }

    /// Whether a path is for steering and watching the sandbox, and exists on no service.
    static func isControl(_ path: String) -> Bool {
        path.hasPrefix("/sandbox/") || controls.contains(path)
    }

    private static let controls: Set<String> = ["/", "/metrics", "/openapi.json", "/healthz"]
}

extension Answer {
    static func refusal(_ failure: Failure) -> Answer {
        Answer(failure.body(default: .nested), status: failure.status, headers: failure.headers)
    }
}

extension HTTPField.Name {
    static let fault = HTTPField.Name("x-sandbox-fault")!
}
