import CTrillet

/// A request ready to go: what libcurl needs, nothing else.
struct HTTPRequest: ~Copyable {
    let method: Method
    let url: RequestURL
    private(set) var body: RequestBody
    /// Whether sending it twice does what sending it once does.
    let isRepeatable: Bool
    /// The whole time that the caller gives it, with every attempt.
    let timeoutMilliseconds: Int
    /// When it may no longer start.
    let notAfter: BootTime
    /// Borrowed from whoever holds the list.
    var headers: UnsafeMutablePointer<curl_slist>?
    /// Where its answer goes if that is a file.
    var download: Download?

    /// The block that the JSON is in, which the request no longer has.
    mutating func takeJSON() -> ByteBuffer {
        var taken = RequestBody.none
        swap(&taken, &body)
        switch consume taken {
        case .json(let json): return json
        case .none: return ByteBuffer()
        case .multipart: return ByteBuffer()
        }
    }
}

enum RequestBody: ~Copyable {
    case none
    case json(ByteBuffer)
    case multipart([FormPart])
}

/// A part of a `multipart/form-data` body. Its text is borrowed from the caller's request.
struct FormPart {
    let name: Name
    let content: Content
    var fileName: JSONText?
    var defaultFileName: StaticString?
    var contentType: UnsafePointer<CChar>?

    enum Name {
        case known(Bytes)
        /// As the caller wrote it.
        case given(JSONText)

        func decode(into text: inout ByteBuffer) {
            switch self {
            case .known(let name): text.append(name)
            case .given(let name): name.decode(into: &text)
            }
        }
    }

    enum Content {
        /// JSON text, sent as it stands.
        case verbatim(Bytes)
        /// What a JSON string stands for.
        case string(JSONText)
        /// A file's content, streamed from the disk.
        case file(UploadFile)
    }
}
