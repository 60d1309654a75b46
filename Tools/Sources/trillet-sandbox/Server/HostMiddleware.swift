import HTTPTypes
import Hummingbird
import Logging

/// Turns away whoever asks for the sandbox under a foreign name, before anything is noted, counted
/// against a key or met by a fault.
struct HostMiddleware: RouterMiddleware {
    typealias Context = SandboxContext

    let rules: HostRules
    let logger: Logger

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let host = request.host
        guard !rules.allows(host) else { return try await next(request, context) }
        let reason = HostMiddleware.reason(host)
        let identifier = AnswerMiddleware.identifier(of: request)
        logger.warning(
            "\(request.method.rawValue) \(request.uri.path) 403: \(reason)",
            metadata: ["status": "403", "request": "\(identifier)"]
        )
        var response = Answer.refusal(
            Failure(
                status: .forbidden,
                title: "Forbidden",
                detail: reason,
                code: "host_not_allowed"
            )
        ).response
        response.headers[.requestIdentifier] = identifier
        return response
    }

    private static func reason(_ host: String) -> String {
        guard !host.isEmpty else { return "The request has no Host header" }
        let name = HostRules.host(of: host) ?? ""
        let remedy =
            HostRules.isName(name)
            ? "if it is one of this sandbox, start it with --allow-host \(name)"
            : "--allow-host allows further names"
        return "The Host header must name this machine, not \"\(host)\"; \(remedy)"
    }
}

extension Request {
    /// What the client believes to talk to; empty if it does not say.
    var host: String {
        head.authority ?? headers[.hostName] ?? ""
    }
}

extension HTTPField.Name {
    fileprivate static let hostName = HTTPField.Name("host")!
}
