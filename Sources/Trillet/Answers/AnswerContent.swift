import CTrillet

/// The JSON that stands for an answer which is none.
enum AnswerContent {
    static func of(_ transfer: Transfer) -> ByteBuffer {
        let body = transfer.body.bytes
        let type = transfer.contentType
        let isText = !isMedia(type) && body.firstIllFormedUTF8Offset == nil
        var data = ByteBuffer(capacity: (isText ? body.count : body.count / 3 * 4) + 128)
        begin(&data, contentType: type, fileName: transfer.headers.fileName)
        if isText {
            data.append(",\"text\":")
            data.append(jsonString: body)
        } else {
            data.append(",\"base64\":\"")
            data.append(base64: body)
            data.append(UInt8(ascii: "\""))
        }
        data.append(UInt8(ascii: "}"))
        return data
    }

    /// Throws when the file cannot be moved to its place.
    static func of(_ download: Download, fileName: Bytes) throws(Failure) -> ByteBuffer {
        try download.finish()
        var data = ByteBuffer(capacity: 256)
        download.contentType.withUnsafeBufferPointer {
            begin(&data, contentType: $0, fileName: fileName)
        }
        data.append(",\"file\":")
        data.append(jsonString: download.path)
        data.append(",\"bytes\":")
        data.append(decimal: download.count)
        data.append(UInt8(ascii: "}"))
        return data
    }

    private static func begin(_ data: inout ByteBuffer, contentType: Bytes, fileName: Bytes) {
        data.append("{\"contentType\":")
        data.append(jsonString: contentType)
        data.append(",\"fileName\":")
        if fileName.count == 0 {
            data.append("null")
        } else {
            data.append(jsonString: fileName)
        }
    }

    /// Whether a type is never that of a text: what it is handed over as must not depend on whether
    /// its bytes happen to be well-formed. docs/decisions.md, bytes-as-base64.
    private static func isMedia(_ type: Bytes) -> Bool {
        type.hasPrefixIgnoringCase("audio/") || type.hasPrefixIgnoringCase("video/")
            || type.hasPrefixIgnoringCase("image/") || type.hasPrefixIgnoringCase("font/")
            || type.hasPrefixIgnoringCase("application/octet-stream")
            || type.hasPrefixIgnoringCase("application/ogg")
            || type.hasPrefixIgnoringCase("application/pdf")
            || type.hasPrefixIgnoringCase("application/zip")
            || type.hasPrefixIgnoringCase("application/gzip")
    }
}
