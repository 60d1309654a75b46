import CTrillet

/// A request ready to go: what libcurl is told, nothing else.
struct HTTPRequest: ~Copyable {
    let method: Method
    let url: RequestURL
    let body: RequestBody
    /// Whether sending it twice does what sending it once does.
    let isRepeatable: Bool
    /// The whole time that the caller gives it, with every attempt.
    let timeoutMilliseconds: Int
    /// Borrowed from whoever holds the list.
    var headers: UnsafeMutablePointer<curl_slist>?
}

enum RequestBody: ~Copyable {
    case none
    case json(ByteBuffer)
    case multipart([FormPart])
}

/// A part of a `multipart/form-data` body. Its text is borrowed from the caller's request.
struct FormPart {
    let name: Bytes
    let content: Content
    var fileName: JSONText?
    var defaultFileName: StaticString?
    var contentType: StaticString?

    /// Throws when the part is a file that cannot be read.
    func checkFile() throws(Failure) {
        guard case .file(let path) = content else { return }
        var decoded = ByteBuffer(capacity: path.raw.count + 1)
        path.decode(into: &decoded)
        let hasNul = decoded.bytes.firstOffset(of: 0) != nil
        guard decoded.count > 0, !hasNul, let cPath = decoded.terminated() else {
            throw Failure.invalidArgument("'file' must be the path of a CSV file", field: "file")
        }
        let problem = shim_file_check(cPath)
        guard problem != 0 else { return }
        throw FileFailure.of(Array(decoded.bytes), .send, errno: problem)
    }

    enum Content {
        /// JSON text, sent as it stands.
        case verbatim(Bytes)
        /// What a JSON string stands for.
        case string(JSONText)
        /// A file's content, streamed from its path.
        case file(path: JSONText)
    }
}
