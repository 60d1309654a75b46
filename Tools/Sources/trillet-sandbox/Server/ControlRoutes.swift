import HTTPTypes
import Hummingbird

/// An endpoint below `/sandbox/`, for people and tests on this machine. It needs no key.
struct ControlRoute: Sendable {
    typealias Handler = @Sendable (ControlExchange) async throws -> Response

    let method: HTTPRequest.Method
    let path: String
    let handler: Handler

    init(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
        self.method = method
        self.path = path
        self.handler = handler
    }
}

/// One request of a control route.
struct ControlExchange: RoutedRequest {
    let request: Request
    let context: SandboxContext

    /// The body as a JSON object; an empty body is an empty object.
    func jsonObject() async throws -> JSONObject {
        try await JSONBody.object(of: request, mayBeEmpty: true)
    }
}

/// Keeps the pages of other hosts away from the controls.
///
/// A browser on this machine sends whatever a page asks it to. A page of another origin is known by
/// its Origin header, one that has rebound its own name to this machine by the Host header.
struct ControlGuard: Sendable {
    static func check(_ request: Request) throws {
        let host = request.head.authority ?? request.headers[HTTPField.Name("host")!] ?? ""
        guard isLocalName(host) || isAddress(host) else {
            throw refusal("The Host header must name this machine, not \"\(host)\"")
        }
        if let origin = request.headers[.origin], origin != "http://\(host)" {
            throw refusal("The controls are not for pages of \(origin)")
        }
    }

    private static func isLocalName(_ host: String) -> Bool {
        host.split(separator: ":").first.map { $0.lowercased() == "localhost" } ?? false
    }

    /// Whoever binds the sandbox to a network address reaches it by that address; a name could be
    /// anybody's.
    private static func isAddress(_ host: String) -> Bool {
        if host.hasPrefix("[") { return true }
        let name = host.split(separator: ":").first ?? ""
        return !name.isEmpty && name.allSatisfy { $0.isNumber || $0 == "." }
    }

    private static func refusal(_ message: String) -> Failure {
        Failure(
            status: .forbidden,
            title: "Forbidden",
            detail: message,
            code: "forbidden",
            shape: .nested
        )
    }
}

extension Router where Context == SandboxContext {
    func install(_ routes: [ControlRoute]) {
        for (path, siblings) in Dictionary(grouping: routes, by: \.path) {
            for route in siblings {
                on(RouterPath(path), method: route.method) { request, context in
                    try ControlGuard.check(request)
                    return try await route.handler(
                        ControlExchange(request: request, context: context)
                    )
                }
            }
            refuseOtherMethods(path: path, allowed: siblings.map(\.method))
        }
    }
}
