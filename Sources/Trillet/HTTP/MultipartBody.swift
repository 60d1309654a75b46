import CTrillet

/// A `multipart/form-data` body that libcurl reads piece by piece while it sends.
struct MultipartBody: ~Copyable {
    private var mime: OpaquePointer?
    private var file: UploadStream?

    init() {}

    deinit {
        // It refers to the stream.
        curl_mime_free(mime)
    }

    var isUsed: Bool { mime != nil }

    /// Why the file in it could not be sent to its end.
    var problem: Failure? { file?.problem }

    /// What was made comes back as a whole or not at all: an attempt that does not begin holds no file
    /// open.
    static func make(
        _ parts: [FormPart],
        on easy: UnsafeMutableRawPointer
    ) throws(Failure) -> MultipartBody {
        guard let mime = curl_mime_init(easy) else { throw Failure.outOfMemory }
        var body = MultipartBody()
        body.mime = mime
        for part in parts {
            guard let slot = curl_mime_addpart(mime) else { throw Failure.outOfMemory }
            if case .file(let file) = part.content {
                let stream = try file.stream()
                body.file = stream
                guard shim_upload_attach(stream.upload, slot) == CURLE_OK else {
                    throw Failure.outOfMemory
                }
            }
            guard MultipartBody.fill(slot, with: part) else { throw Failure.outOfMemory }
        }
        guard shim_set_pointer(easy, CURLOPT_MIMEPOST, UnsafeRawPointer(mime)) == CURLE_OK else {
            throw Failure.outOfMemory
        }
        return body
    }

    private static func fill(_ slot: OpaquePointer, with part: FormPart) -> Bool {
        var text = ByteBuffer(capacity: 64)
        part.name.decode(into: &text)
        guard let name = text.terminated(), curl_mime_name(slot, name) == CURLE_OK else {
            return false
        }
        guard fillContent(slot, with: part.content) else { return false }
        if let contentType = part.contentType,
            curl_mime_type(slot, contentType) != CURLE_OK
        {
            return false
        }
        text.removeAll()
        if let fileName = part.fileName {
            fileName.decode(into: &text)
        } else if let fileName = part.defaultFileName {
            text.append(fileName)
        } else if case .file(let file) = part.content {
            text.append(file.name)
        } else {
            return true
        }
        guard let fileName = text.terminated() else { return false }
        return curl_mime_filename(slot, fileName) == CURLE_OK
    }

    private static func fillContent(
        _ slot: OpaquePointer,
        with content: FormPart.Content
    ) -> Bool {
        switch content {
        case .verbatim(let bytes):
            return set(slot, bytes)
        case .string(let string) where !string.hasEscapes:
            return set(slot, string.raw)
        case .string(let string):
            var decoded = ByteBuffer(capacity: string.raw.count)
            string.decode(into: &decoded)
            return !decoded.isOutOfMemory && set(slot, decoded.bytes)
        case .file:
            return true
        }
    }

    private static func set(_ slot: OpaquePointer, _ bytes: Bytes) -> Bool {
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return curl_mime_data(slot, ("" as StaticString).cText, 0) == CURLE_OK
        }
        return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
            curl_mime_data(slot, $0, bytes.count) == CURLE_OK
        }
    }
}
