/// The file of a multipart request: one to stream, or a text.
struct Upload {
    let part: FilePart
    /// Whether a text may stand for the file: then it is a CSV.
    let takesText: Bool
    /// Of operations that upload nothing.
    static var noPart: FilePart { FilePart(name: .empty, contentType: nil) }

    var path: JSONText?
    var text: JSONText?
    var fileName: JSONText?

    /// Throws when there is nothing to send, and, where contacts are checked, for a file that the
    /// service would refuse or that would call the wrong people.
    func part(checksContacts: Bool) throws(Failure) -> FormPart {
        try checkFileName()
        switch (path, text) {
        case (let path?, nil):
            var file = try UploadFile(path: path.decoded())
            if checksContacts { try Upload.check(&file) }
            try checkName(of: file)
            return makePart(.file(file), defaultFileName: nil)
        case (nil, let text?):
            if checksContacts { try Upload.check(text) }
            return makePart(.string(text), defaultFileName: "contacts.csv")
        case (nil, nil):
            guard takesText else { throw FieldCheck.missing("file") }
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

    private static let listedProblems = 20

    /// What is sent later is held against what is read here.
    private static func check(_ file: inout UploadFile) throws(Failure) {
        guard let fingerprint = FileFingerprint() else { throw Failure.outOfMemory }
        let source = try CSVSource(path: file.path, fingerprint: fingerprint)
        try check(source, field: "file")
        if let after = fingerprint.after, let difference = file.difference(after) {
            throw UploadFile.failure(
                """
                The file '\(Message(file.path))' changed while it was checked: \(difference). Make \
                the call again when it is complete
                """
            )
        }
        try fingerprint.end()
        file.fingerprint = fingerprint
    }

    private static func check(_ text: JSONText) throws(Failure) {
        var decoded = ByteBuffer(capacity: text.raw.count)
        text.decode(into: &decoded)
        if decoded.isOutOfMemory { throw Failure.outOfMemory }
        try check(CSVSource(text: decoded.bytes), field: "csv")
    }

    private static func check(
        _ source: consuming CSVSource,
        field: Message
    ) throws(Failure) {
        var options = CheckOptions()
        // Numbers that come twice are allowed, and finding them costs memory.
        options.findsDuplicates = false
        options.maxProblems = Upload.listedProblems
        do throws(Failure) {
            var check = try ContactCheck(source, options)
            try check.readRows()
            try check.finish()
            if let failure = check.report.refusal { throw failure }
        } catch {
            var failure = error
            failure.field = field
            throw failure
        }
    }

    private func makePart(
        _ content: FormPart.Content,
        defaultFileName: StaticString?
    ) -> FormPart {
        FormPart(
            name: .known(part.name),
            content: content,
            fileName: fileName,
            defaultFileName: defaultFileName,
            contentType: part.contentType
        )
    }

    /// The file's own name stands in a header of its part, where the caller gives no other.
    private func checkName(of file: UploadFile) throws(Failure) {
        guard fileName == nil, file.name.contains(where: { $0.isControl }) else { return }
        throw Failure.invalidArgument(
            "The file's name has control characters in it; give 'fileName', the name to send",
            field: "fileName"
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
