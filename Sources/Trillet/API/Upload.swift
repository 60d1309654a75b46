/// The CSV of a multipart request: a file to stream, or text.
struct Upload {
    var path: JSONText?
    var text: JSONText?
    var fileName: JSONText?

    func part() throws(Failure) -> FormPart {
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

    /// Refuses a file that the service would refuse, or that would call the wrong people.
    func checkContacts() throws(Failure) {
        var options = CheckOptions()
        // Numbers that come twice are allowed, and finding them costs memory.
        options.findsDuplicates = false
        options.maxProblems = Upload.listedProblems
        let field: Message = path == nil ? "csv" : "file"
        do throws(Failure) {
            try check(options, field)
        } catch {
            var failure = error
            failure.field = field
            throw failure
        }
    }

    private static let listedProblems = 20

    private func check(_ options: CheckOptions, _ field: Message) throws(Failure) {
        if let path {
            return try Upload.check(try CSVSource(path: path.decoded()), options)
        }
        guard let text else { return }
        var decoded = ByteBuffer(capacity: text.raw.count)
        text.decode(into: &decoded)
        if decoded.isOutOfMemory { throw Failure.outOfMemory }
        try Upload.check(CSVSource(text: decoded.bytes), options)
    }

    private static func check(
        _ source: consuming CSVSource,
        _ options: CheckOptions
    ) throws(Failure) {
        var check = try ContactCheck(source, options)
        try check.run()
        if let failure = check.report.refusal { throw failure }
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
