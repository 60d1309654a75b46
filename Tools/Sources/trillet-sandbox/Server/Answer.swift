import HTTPTypes
import Hummingbird

/// What a handler answers with.
struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: [UInt8]

    init(json: JSON, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        var bytes: [UInt8] = []
        json.write(to: &bytes)
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        self.status = status
        self.headers = headers
        body = bytes
    }

    init(_ object: JSONObject, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.init(json: .object(object), status: status, headers: headers)
    }

    /// What is another thing the next time.
    static func uncached(_ object: JSONObject) -> Answer {
        Answer(object, headers: [.cacheControl: "no-store"])
    }

    init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A file to be saved under `fileName`.
    init(file text: String, fileName: String, contentType: String) {
        status = .ok
        headers = [
            .contentType: contentType,
            .contentDisposition: "attachment; filename=\"\(fileName)\"",
        ]
        body = Array(text.utf8)
    }

    /// The description of the API.
    static let description = Answer(
        jsonText: ServedDescription.json.withUTF8Buffer { Array($0) }
    )

    private init(jsonText: [UInt8]) {
        status = .ok
        headers = [.contentType: "application/json; charset=utf-8"]
        body = jsonText
    }

    var response: Response {
        Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}

extension HTTPField.Name {
    static let apiKey = HTTPField.Name("x-api-key")!
    static let workspaceIdentifier = HTTPField.Name("x-workspace-id")!
    static let requestIdentifier = HTTPField.Name("x-request-id")!
}
