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

    /// A parameter that is given and not empty.
    func text(_ name: String) -> String? {
        query(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    func number(_ name: String, atLeast least: Int) throws -> Int? {
        guard let text = query(name) else { return nil }
        guard let number = Int(text), number >= least else {
            throw Failure.control(
                "\(name) must be a whole number of at least \(least), not \"\(text)\""
            )
        }
        return number
    }
}

/// Keeps the pages of other origins away from the controls.
///
/// A browser on this machine sends whatever a page asks it to. A page of another origin is known by
/// its Origin header, or, where a browser sends none, by Sec-Fetch-Site; one that has rebound its
/// own name does not come this far (``HostRules``).
struct ControlGuard: Sendable {
    static func check(_ request: Request) throws {
        if let origin = request.headers[.origin], origin != "http://\(request.host)" {
            throw refusal("The controls are not for pages of \(origin)")
        }
        if let site = request.headers[.fetchSite], !["same-origin", "none"].contains(site),
            !isLinkToThePage(request)
        {
            throw refusal("The controls are not for pages of another origin (\(site))")
        }
    }

    /// The page itself may be opened by a link from anywhere.
    private static func isLinkToThePage(_ request: Request) -> Bool {
        request.uri.path == "/" && request.headers[.fetchMode] == "navigate"
            && request.headers[.fetchDestination] == "document"
    }

    private static func refusal(_ detail: String) -> Failure {
        Failure(
            status: .forbidden,
            title: "Forbidden",
            detail: detail,
            code: "forbidden",
            shape: .nested
        )
    }
}

extension HTTPField.Name {
    fileprivate static let fetchSite = HTTPField.Name("sec-fetch-site")!
    fileprivate static let fetchMode = HTTPField.Name("sec-fetch-mode")!
    fileprivate static let fetchDestination = HTTPField.Name("sec-fetch-dest")!
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
