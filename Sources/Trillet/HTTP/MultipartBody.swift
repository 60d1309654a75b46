import CTrillet

/// A `multipart/form-data` body that libcurl reads piece by piece while it sends.
struct MultipartBody: ~Copyable {
    private var mime: OpaquePointer?

    init() {}

    deinit {
        curl_mime_free(mime)
    }

    var isUsed: Bool { mime != nil }

    mutating func build(_ parts: [FormPart], on easy: UnsafeMutableRawPointer) throws(Failure) {
        guard let mime = curl_mime_init(easy) else { throw Failure.outOfMemory }
        self.mime = mime
        for part in parts {
            // It may have gone since the call was checked, between two attempts.
            try part.checkFile()
            guard let slot = curl_mime_addpart(mime), MultipartBody.fill(slot, with: part) else {
                throw Failure.outOfMemory
            }
        }
        guard shim_set_pointer(easy, CURLOPT_MIMEPOST, UnsafeRawPointer(mime)) == CURLE_OK else {
            throw Failure.outOfMemory
        }
    }

    private static func fill(_ slot: OpaquePointer, with part: FormPart) -> Bool {
        var text = ByteBuffer(capacity: 64)
        text.append(part.name)
        guard let name = text.terminated(), curl_mime_name(slot, name) == CURLE_OK else {
            return false
        }
        guard fillContent(slot, with: part.content) else { return false }
        if let contentType = part.contentType,
            curl_mime_type(slot, contentType.cText) != CURLE_OK
        {
            return false
        }
        text.removeAll()
        if let fileName = part.fileName {
            fileName.decode(into: &text)
        } else if let fileName = part.defaultFileName {
            text.append(fileName)
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
        case .file(let path):
            var decoded = ByteBuffer(capacity: path.raw.count + 1)
            path.decode(into: &decoded)
            guard let path = decoded.terminated() else { return false }
            return curl_mime_filedata(slot, path) == CURLE_OK
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
