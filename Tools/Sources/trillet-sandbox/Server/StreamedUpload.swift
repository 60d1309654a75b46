import Hummingbird

/// A form with a large file of which nothing is kept but its name, its type and its length.
struct StreamedUpload: Sendable {
    let fileName: String
    let contentType: String
    let length: Int
    private let fields: [String: String]

    /// What the service documents: 50 MB.
    private static let largestFile = 50 * 1_048_576
    /// The largest file and some fields around it.
    private static let largestForm = 52 * 1_048_576

    /// - Parameter field: the name of the part with the file.
    /// - Throws: ``Failure`` 400 for another content type, an ill-formed form or one over its
    ///   limits, and a file that is missing, empty or without a name.
    init(_ exchange: Exchange, file field: String) async throws {
        let header = MediaTypeHeader(exchange.request.headers[.contentType])
        guard header?.type == "multipart/form-data" else {
            throw StreamedUpload.refusal("The Content-Type must be multipart/form-data")
        }
        guard let boundary = header?.parameters["boundary"], (1...70).contains(boundary.utf8.count)
        else { throw StreamedUpload.refusal("The Content-Type names no usable boundary") }
        var file: MultipartParser.Part?
        var fields: [String: String] = [:]
        do {
            for part in try await StreamedUpload.parts(exchange, boundary, field) {
                if part.name == field {
                    guard file == nil else {
                        throw StreamedUpload.refusal("The form has two files")
                    }
                    file = part
                } else {
                    fields[part.name] = String(decoding: part.bytes, as: UTF8.self)
                }
            }
        } catch let error as MultipartError {
            throw StreamedUpload.refusal(error.reason)
        }
        guard let file else { throw StreamedUpload.refusal("The form has no field \(field)") }
        guard let name = file.fileName, !name.isEmpty else {
            throw StreamedUpload.refusal("The part \(field) has no file name")
        }
        guard file.length > 0 else { throw StreamedUpload.refusal("The file \(name) is empty") }
        fileName = name
        contentType = file.contentType ?? "application/octet-stream"
        length = file.length
        self.fields = fields
    }

    /// A text field, `nil` when it is absent or empty.
    func field(_ name: String) -> String? {
        guard let text = fields[name], !text.isEmpty else { return nil }
        return text
    }

    /// The file as answers show it.
    func json(at time: Int64) -> JSONObject {
        [
            "name": .string(fileName), "size": .number(length), "type": .string(contentType),
            "uploadedAt": .string(Timestamp.text(time)),
        ]
    }

    private static func parts(_ exchange: Exchange, _ boundary: String, _ field: String)
        async throws -> [MultipartParser.Part]
    {
        var limits = MultipartParser.Limits()
        limits.fileBytes = largestFile
        limits.fieldBytes = 65_536
        limits.keepsFile = false
        var parser = MultipartParser(boundary: boundary, fileField: field, limits: limits)
        var length = 0
        for try await chunk in exchange.request.body {
            length += chunk.readableBytes
            guard length <= largestForm else {
                throw refusal("The form is larger than 52 MiB")
            }
            try parser.feed(chunk.readableBytesView)
        }
        return try parser.finish()
    }

    private static func refusal(_ detail: String) -> Failure {
        Failure(status: .badRequest, title: "Invalid upload", detail: detail)
    }
}
