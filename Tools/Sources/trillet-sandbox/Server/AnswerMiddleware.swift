import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1

/// Gives every answer its request identifier, turns failures into the service's error shapes and
/// writes one log line per request.
struct AnswerMiddleware: RouterMiddleware {
    typealias Context = SandboxContext

    let logger: Logger
    let operations: OperationNames

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        if context.requestIdentifier.isEmpty {
            context.requestIdentifier = AnswerMiddleware.identifier(of: request)
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = failure(error, request, context).response
        }
        response.headers[.requestIdentifier] = context.requestIdentifier
        let elapsed = start.duration(to: .now) / .milliseconds(1)
        logger.info(
            "\(request.method.rawValue) \(request.uri.path) \(response.status.code)",
            metadata: [
                "milliseconds": .stringConvertible((elapsed * 10).rounded() / 10),
                "status": .stringConvertible(response.status.code),
                "operation": "\(operations.name(request.method, context.endpointPath) ?? "none")",
                "request": "\(context.requestIdentifier)",
            ]
        )
        return response
    }

    /// The caller's own identifier when it can be sent back safely, else a new one.
    static func identifier(of request: Request) -> String {
        guard let given = request.headers[.requestIdentifier], (1...128).contains(given.utf8.count),
            given.utf8.allSatisfy(isIdentifierByte)
        else { return Identifier.request() }
        return given
    }

    private static func isIdentifierByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    private func failure(_ error: any Error, _ request: Request, _ context: Context) -> Answer {
        let failure = described(error, request, context)
        return Answer(
            failure.body(default: .usual(at: request.uri.path)),
            status: failure.status,
            headers: failure.headers
        )
    }

    private func described(_ error: any Error, _ request: Request, _ context: Context) -> Failure {
        if let failure = error as? Failure { return failure }
        if let error = error as? HTTPError, error.status == .notFound {
            return Failure(
                status: .notFound,
                title: "Not Found",
                detail: "There is no \(request.method.rawValue) \(request.uri.path)",
                code: "not_found",
                shape: .nested
            )
        }
        if let error = error as? HTTPError {
            return Failure(
                status: error.status,
                title: error.status.reasonPhrase,
                detail: error.body ?? error.status.reasonPhrase,
                code: "bad_request"
            )
        }
        if error is HTTPParserError {
            return Failure(
                status: .badRequest,
                title: "Bad Request",
                detail: "The body is not well-formed HTTP: \(error)",
                code: "bad_request",
                // What follows on the connection cannot be told from the body.
                headers: [.connection: "close"]
            )
        }
        logger.error(
            "A request failed: \(error)",
            metadata: ["request": "\(context.requestIdentifier)"]
        )
        return Failure(
            status: .internalServerError,
            title: "Internal server error",
            detail: "The sandbox failed; its log has the reason under \(context.requestIdentifier)",
            code: "UNKNOWN_ERROR"
        )
    }
}
