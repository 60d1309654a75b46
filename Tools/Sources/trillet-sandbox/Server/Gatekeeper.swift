import HTTPTypes
import Hummingbird

/// Lets requests in: first the key, then the rate, then the workspace.
struct Gatekeeper: Sendable {
    let access: AccessCache
    let limiter: RateLimiter

    /// Whom a request comes from.
    struct Admission: Sendable {
        /// Empty on a route that needs none.
        let workspace: String
        /// Those that the key opens.
        let workspaces: Set<String>
    }

    /// - Parameter needsWorkspace: whether the request must name a workspace.
    /// - Throws: ``Failure`` 401 without a known key, 429 over the rate, 400 without a workspace and
    ///   403 for one the key does not open.
    func admit(_ request: Request, needsWorkspace: Bool) async throws -> Admission {
        guard let apiKey = request.headers[.apiKey], !apiKey.isEmpty else {
            throw refusal(.unauthorized, "unauthorized", "The x-api-key header is missing")
        }
        guard let workspaces = try await access.workspaces(ofKey: apiKey) else {
            throw refusal(.unauthorized, "unauthorized", "The API key is not valid")
        }
        if let reset = limiter.refusal(key: apiKey, at: SimulatedClock.realTime) {
            throw tooManyRequests(reset)
        }
        guard let workspace = request.headers[.workspaceIdentifier], !workspace.isEmpty else {
            if !needsWorkspace { return Admission(workspace: "", workspaces: workspaces) }
            throw Failure.invalid("The x-workspace-id header is missing")
        }
        guard workspaces.contains(workspace) else {
            throw refusal(.forbidden, "forbidden", "The API key does not open this workspace")
        }
        return Admission(workspace: workspace, workspaces: workspaces)
    }

    private func refusal(_ status: HTTPResponse.Status, _ code: String, _ message: String)
        -> Failure
    {
        Failure(
            status: status,
            title: status.reasonPhrase,
            detail: message,
            code: code,
            shape: .nested
        )
    }

    private func tooManyRequests(_ reset: RateLimiter.Refusal) -> Failure {
        Failure(
            status: .tooManyRequests,
            title: "Too Many Requests",
            detail: "Too many requests. Please try again in \(reset.seconds) seconds.",
            code: "rate_limit_exceeded",
            resetAt: Timestamp.wholeSecondText(roundingUp: reset.resetAt),
            shape: .nested,
            headers: [.retryAfter: String(reset.seconds)]
        )
    }
}
