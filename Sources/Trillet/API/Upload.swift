import CTrillet

/// The CSV of a multipart request: a file to stream, or text.
struct Upload {
    var path: JSONText?
    var text: JSONText?
    var fileName: JSONText?

    func part(validates: Bool) throws(Failure) -> FormPart {
        try checkFileName()
        switch (path, text) {
        case (let path?, nil):
            try Upload.check(path)
            return makePart(.file(path: path), defaultFileName: nil)
        case (nil, let text?):
            return makePart(.string(text), defaultFileName: "contacts.csv")
        case (nil, nil):
            throw Failure.invalidArgument(
                "There is no CSV: give 'file', the path of one, or 'csv', its text",
                field: "file"
            )
        case (_?, _?):
            throw Failure.invalidArgument(
                "'file' and 'csv' are both given; which one is meant?",
                field: "file"
            )
        }
    }

    private func makePart(
        _ content: FormPart.Content,
        defaultFileName: StaticString?
    ) -> FormPart {
        FormPart(
            name: ("file" as StaticString).bytes,
            content: content,
            fileName: fileName,
            defaultFileName: defaultFileName,
            contentType: "text/csv"
        )
    }

    private func checkFileName() throws(Failure) {
        guard let name = fileName?.decoded() else { return }
        guard !name.isEmpty, !name.contains(where: { $0.isControl }) else {
            throw Failure.invalidArgument(
                "'fileName' must be a name without control characters",
                field: "fileName"
            )
        }
    }

    private static func check(_ path: JSONText) throws(Failure) {
        var decoded = ByteBuffer(capacity: path.raw.count + 1)
        path.decode(into: &decoded)
        let hasNul = decoded.bytes.firstOffset(of: 0) != nil
        guard decoded.count > 0, !hasNul, let cPath = decoded.terminated() else {
            throw Failure.invalidArgument("'file' must be the path of a CSV file", field: "file")
        }
        let problem = shim_file_check(cPath)
        guard problem != 0 else { return }
        let reason = Bytes(text: shim_error_text(problem))
        throw Failure.invalidArgument(
            "The file '\(decoded.bytes)' cannot be sent: \(reason)",
            field: "file"
        )
    }
}
