import CTrillet

/// A file of contacts in CSV, to be checked before anybody is called.
///
///     let report = try await ContactFile.path("contacts.csv").check()
///     try report.requireValid()
public enum ContactFile: Sendable, Hashable {
    /// The path of a file.
    case path(String)
    /// The CSV text itself.
    case text(String)
    /// The bytes of a file.
    case bytes([UInt8])

    /// Checks the file, without a client and without a network, on a thread of its own.
    ///
    /// - Returns: The report, also of a file with bad rows.
    /// - Throws: `invalidArgument` when there is no file to check: it cannot be read
    ///   (``TrilletError/field`` is `file`) or is no CSV text of the service's kind
    ///   (``TrilletError/code`` is `empty`, `encoding`, `delimiter`, `header` or `quote`).
    public func check(
        _ options: ContactOptions = ContactOptions()
    ) async throws(TrilletError) -> ContactReport {
        var request = ContactRequest(options: options)
        let bytes: [UInt8]?
        switch self {
        case .path(let path):
            request.file = path
            bytes = nil
        case .text(let text): bytes = Array(text.utf8)
        case .bytes(let given): bytes = given
        }
        let text = try jsonText(request, of: "csv.check")
        let answer = await onOwnThread { ContactFile.checked(bytes, text) }
        return try Envelope.response(answer, as: ContactReport.self).data
    }

    private static func checked(_ bytes: [UInt8]?, _ options: String) -> Answer {
        guard let bytes else { return Answer.taking(trillet_csv_check(nil, 0, options)) }
        // An empty array has no address, and no address means that there is no text.
        return (bytes.isEmpty ? [0] : bytes).withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                Answer.taking(trillet_csv_check(text.baseAddress, bytes.count, options))
            }
        }
    }
}

/// How a contact file is checked. What is nil is as the library has it by default.
public struct ContactOptions: Sendable, Codable, Hashable {
    /// How many problems are listed; all are counted. Default: 100.
    public var maxProblems: Int?
    /// Whether numbers that come again are looked for. Default: true.
    public var duplicates: Bool?
    /// A flow's prompt; the file must have the columns it names in braces.
    public var prompt: String?
    /// Further columns that the file must have.
    public var requiredColumns: [String]?
    /// Where to write the good rows, with their numbers normalised.
    public var acceptedFile: String?
    /// Where to write the bad rows, with a column `reject_reason`.
    public var rejectedFile: String?
    /// A path with `{n}` in it: the good rows are written to as many files as the service takes
    /// uploads.
    public var splitFile: String?
    /// How many rows each of these has at most.
    public var splitRows: Int?
    /// How many rows the plan allows.
    public var maxRows: Int?
    /// Whether the number of digits is checked by country. Default: true.
    public var lengths: Bool?
    /// The country of numbers without a plus, two letters (ISO 3166).
    public var defaultCountry: String?
    /// Whether these numbers are accepted. Default: false.
    public var assumeCountry: Bool?
    /// The column of numbers where it is not `phone_number`.
    public var phoneColumn: String?
    /// Whether UTF-16, Windows-1252, semicolons, tabs and vertical bars are read. Default: false.
    public var convert: Bool?

    public init(
        maxProblems: Int? = nil,
        duplicates: Bool? = nil,
        prompt: String? = nil,
        requiredColumns: [String]? = nil,
        acceptedFile: String? = nil,
        rejectedFile: String? = nil,
        splitFile: String? = nil,
        splitRows: Int? = nil,
        maxRows: Int? = nil,
        lengths: Bool? = nil,
        defaultCountry: String? = nil,
        assumeCountry: Bool? = nil,
        phoneColumn: String? = nil,
        convert: Bool? = nil
    ) {
        self.maxProblems = maxProblems
        self.duplicates = duplicates
        self.prompt = prompt
        self.requiredColumns = requiredColumns
        self.acceptedFile = acceptedFile
        self.rejectedFile = rejectedFile
        self.splitFile = splitFile
        self.splitRows = splitRows
        self.maxRows = maxRows
        self.lengths = lengths
        self.defaultCountry = defaultCountry
        self.assumeCountry = assumeCountry
        self.phoneColumn = phoneColumn
        self.convert = convert
    }
}

private struct ContactRequest: Encodable {
    let options: ContactOptions
    var file: String?

    func encode(to encoder: any Encoder) throws {
        try options.encode(to: encoder)
        var fields = FieldWriter(encoder)
        try fields.write("file", file)
    }
}
