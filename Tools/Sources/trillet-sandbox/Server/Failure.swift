import Hummingbird

/// An answer other than success. Which of the service's four error shapes it takes depends on the
/// route, unless it names one.
struct Failure: Error {
    enum Shape: Sendable {
        /// `{"error": …, "details": …, "code"?: …}`: agents, flows and calls.
        case flat
        /// `{"error": {"code": …, "message": …, "reset_at"?: …}}`: access, limits and routing.
        case nested
        /// `{"error": …, "message": …, "id"?: …}`: batch calls.
        case batch
        /// `{"status": "not_found", "error": …}`: one call of a batch.
        case call

        /// What failures on `path` look like that name no shape.
        static func usual(at path: String) -> Shape {
            path.hasPrefix(RoutePrefix.batches) ? .batch : .flat
        }
    }

    var status: HTTPResponse.Status
    var title: String
    var detail: String
    var code: String?
    var id: String?
    var resetAt: String?
    var shape: Shape?
    var headers: HTTPFields = [:]

    static func invalid(_ detail: String, code: String? = nil) -> Failure {
        Failure(status: .badRequest, title: "Invalid request", detail: detail, code: code)
    }

    static func configuration(_ detail: String) -> Failure {
        Failure(status: .badRequest, title: "Invalid configuration", detail: detail)
    }

    /// - Parameter kind: what was not found, for example "Agent".
    static func notFound(_ kind: String, id: String) -> Failure {
        Failure(
            status: .notFound,
            title: "\(kind) not found",
            detail: "\(kind) \(id) does not exist or is not accessible to you",
            id: id
        )
    }

    func body(default routeShape: Shape) -> JSONObject {
        switch shape ?? routeShape {
        case .flat:
            var body: JSONObject = ["error": .string(title), "details": .string(detail)]
            body["code"] = code.map(JSON.string)
            return body
        case .nested:
            var error: JSONObject = [
                "code": .string(code ?? "error"), "message": .string(detail),
            ]
            error["reset_at"] = resetAt.map(JSON.string)
            return ["error": .object(error)]
        case .batch:
            var body: JSONObject = ["error": .string(title), "message": .string(detail)]
            body["id"] = id.map(JSON.string)
            return body
        case .call:
            return ["status": "not_found", "error": .string(title)]
        }
    }
}
