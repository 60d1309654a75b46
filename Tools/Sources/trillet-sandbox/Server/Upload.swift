import Hummingbird

/// A form with a file, as batch operations take it.
struct Upload: Sendable {
    private let fields: [String: String]
    private let file: [UInt8]?
    private let share: UploadShare

    private static let fileField = "file"
    /// The largest file and some fields around it.
    private static let largestForm = 24 * 1_048_576

    /// - Throws: ``Failure`` 400 for another content type, an ill-formed form or one over its
    ///   limits, 503 when others take all the memory of the budget.
    init(_ exchange: Exchange, _ budget: UploadBudget) async throws {
        let share = UploadShare(of: budget)
        let header = MediaTypeHeader(exchange.request.headers[.contentType])
        guard header?.type == "multipart/form-data" else {
            throw Upload.refusal("The Content-Type must be multipart/form-data")
        }
        guard let boundary = header?.parameters["boundary"], (1...70).contains(boundary.utf8.count)
        else { throw Upload.refusal("The Content-Type names no usable boundary") }
        var fields: [String: String] = [:]
        var file: [UInt8]?
        var length = 0
        do {
            var parser = MultipartParser(boundary: boundary, fileField: Upload.fileField)
            for try await chunk in exchange.request.body {
                length += chunk.readableBytes
                guard length <= Upload.largestForm else {
                    throw Upload.refusal("The form is larger than 24 MiB")
                }
                try share.take(chunk.readableBytes)
                try parser.feed(chunk.readableBytesView)
            }
            for part in try parser.finish() {
                if part.name == Upload.fileField {
                    guard part.fileName != nil else {
                        throw Upload.refusal("The part file has no file name; send it as a file")
                    }
                    guard file == nil else { throw Upload.refusal("The form has two files") }
                    file = part.bytes
                } else {
                    guard let text = String(validating: part.bytes, as: UTF8.self) else {
                        throw Upload.refusal("The field \(part.name) is not UTF-8")
                    }
                    fields[part.name] = text
                }
            }
        } catch let error as MultipartError {
            throw Upload.refusal(error.reason)
        }
        self.fields = fields
        self.file = file
        self.share = share
    }

    /// A text field, `nil` when it is absent or empty.
    func field(_ name: String) -> String? {
        guard let text = fields[name], !text.isEmpty else { return nil }
        return text
    }

    /// - Throws: ``Failure`` 400 when there is no file, or it is not a usable CSV file.
    func contactFile(mostRows: Int = .max) throws -> ContactFile {
        guard let file else { throw ContactFile.refusal("The form has no field file") }
        return try ContactFile(file, mostRows: mostRows)
    }

    private static func refusal(_ detail: String) -> Failure {
        Failure(status: .badRequest, title: "Invalid upload", detail: detail)
    }
}
