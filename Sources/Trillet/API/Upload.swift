/// The CSV of a multipart request: a file to stream, or text.
struct Upload {
    var path: JSONText?
    var text: JSONText?
    var fileName: JSONText?

    func part(validates: Bool) throws(Failure) -> FormPart {
        try checkFileName()
        switch (path, text) {
        case (let path?, nil):
            let part = makePart(.file(path: path), defaultFileName: nil)
            try part.checkFile()
            return part
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
}
