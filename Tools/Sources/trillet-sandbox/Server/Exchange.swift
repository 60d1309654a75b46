import FoundationEssentials
import HTTPTypes
import Hummingbird

/// A request whose route has been found.
protocol RoutedRequest: Sendable {
    var request: Request { get }
    var context: SandboxContext { get }
}

extension RoutedRequest {
    /// A parameter of the path, percent-decoded.
    func parameter(_ name: String) -> String {
        let raw = context.parameters.get(name) ?? ""
        return raw.removingPercentEncoding ?? raw
    }

    /// A parameter of the query. A plus sign stands for a space, as in a form: programs send JSON
    /// texts so.
    func query(_ name: String) -> String? {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.decoded(parts[0]) == name else { continue }
            return parts.count == 2 ? Self.decoded(parts[1]) : ""
        }
        return nil
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.contains("+") ? String(text.map { $0 == "+" ? " " : $0 }) : String(text)
        return spaced.removingPercentEncoding ?? spaced
    }
}

/// One admitted request: what a handler may read of it.
struct Exchange: RoutedRequest {
    let request: Request
    let context: SandboxContext
    let operation: String
    /// Empty on a route that needs none.
    let workspace: String
    /// Those that the key opens.
    let workspaces: Set<String>

    /// The body as a JSON object.
    ///
    /// - Throws: ``Failure`` 400 for another content type, a body over 1 MiB, ill-formed or too
    ///   deeply nested JSON, or another kind of value.
    func jsonObject(mayBeEmpty: Bool = false) async throws -> JSONObject {
        try await JSONBody.object(of: request, mayBeEmpty: mayBeEmpty)
    }
}

/// Reads request bodies that must be a JSON object.
enum JSONBody {
    private static let largest = 1_048_576

    static func object(of request: Request, mayBeEmpty: Bool) async throws -> JSONObject {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            guard bytes.count + chunk.readableBytes <= largest else {
                throw Failure.invalid("The body is larger than 1 MiB")
            }
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        if mayBeEmpty, bytes.isEmpty { return JSONObject() }
        guard MediaTypeHeader(request.headers[.contentType])?.type == "application/json" else {
            throw Failure.invalid("The Content-Type must be application/json")
        }
        guard let value = try? JSONReader.value(of: bytes) else {
            throw Failure.invalid("The body is not well-formed JSON, or is nested too deeply")
        }
        guard let object = value.objectValue else {
            throw Failure.invalid("The body must be a JSON object")
        }
        return object
    }
}
