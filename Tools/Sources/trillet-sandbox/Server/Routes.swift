import HTTPTypes
import Hummingbird

/// One endpoint of the service: a method, a path pattern, its operation and what answers it.
struct Route: Sendable {
    typealias Handler = @Sendable (Exchange) async throws -> Answer

    let method: HTTPRequest.Method
    let path: String
    /// The operation's id, the same in both route styles: `calls.send`.
    let operation: String
    /// Whether a request must name a workspace.
    var needsWorkspace = true
    let handler: Handler

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ operation: String,
        _ handler: @escaping Handler
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.handler = handler
    }
}

/// The two addresses the service documents for most operations. Only the answers of lists and of
/// sending a call differ, and which fields an update must have.
enum RouteStyle: Sendable {
    case overview
    case published
}

/// Where a batch answers: its errors have a shape of their own.
enum RoutePrefix {
    static let batches = "/v1/api/batch-calls"
}

extension Router where Context == SandboxContext {
    /// What else the HTTP parser lets through.
    private static var rareMethods: [Substring] {
        """
        ACL BIND CHECKOUT COPY LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MOVE M-SEARCH NOTIFY \
        PROPFIND PROPPATCH PURGE QUERY REBIND REPORT SEARCH SOURCE SUBSCRIBE UNBIND UNLINK UNLOCK \
        UNSUBSCRIBE
        """.split(separator: " ")
    }

    private static var knownMethods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
            + rareMethods.compactMap { HTTPRequest.Method(String($0)) }
    }

    /// Adds the routes behind the gatekeeper, and an answer 405 for every other method of their
    /// paths.
    func install(_ routes: [Route], behind gatekeeper: Gatekeeper) {
        for (path, siblings) in Dictionary(grouping: routes, by: \.path) {
            for route in siblings {
                on(RouterPath(path), method: route.method) { request, context in
                    let admission = try await gatekeeper.admit(
                        request,
                        needsWorkspace: route.needsWorkspace
                    )
                    let exchange = Exchange(
                        request: request,
                        context: context,
                        operation: route.operation,
                        workspace: admission.workspace,
                        workspaces: admission.workspaces
                    )
                    return try await route.handler(exchange).response
                }
            }
            refuseOtherMethods(path: path, allowed: siblings.map(\.method))
        }
    }

    func refuseOtherMethods(path: String, allowed: [HTTPRequest.Method]) {
        let served = allowed + (allowed.contains(.get) ? [.head] : [])
        let list = served.map(\.rawValue).sorted().joined(separator: ", ")
        for method in Self.knownMethods where !served.contains(method) {
            on(RouterPath(path), method: method) { _, _ -> Response in
                throw Failure(
                    status: .methodNotAllowed,
                    title: "Method Not Allowed",
                    detail: "\(method.rawValue) is not allowed here; use \(list)",
                    code: "method_not_allowed",
                    shape: .nested,
                    headers: [.allow: list]
                )
            }
        }
    }
}
