/// What the check of a contact file found.
public struct ContactReport: Codable, Sendable, Hashable {
    /// One thing that is wrong with the file.
    public struct Problem: Codable, Sendable, Hashable {
        /// How bad it is.
        public struct Severity: OpenText {
            /// Rejects the row.
            public static let error = Severity(rawValue: "error")
            /// Does not reject it.
            public static let warning = Severity(rawValue: "warning")

            public let rawValue: String

            public init(rawValue: String) {
                self.rawValue = rawValue
            }
        }

        /// Counts the data rows from 1; 0 for the file as a whole.
        public var row: Int
        /// Counts the lines of the file from 1; 0 for the file as a whole.
        public var line: Int
        public var column: String?
        public var value: String?
        /// For example `no_plus`; docs/batches.md has all of them.
        public var kind: String
        public var message: String
        public var suggestion: String?
        public var severity: Severity
        /// Whether the row was not rejected before; nil where the file has no `reject_reason`.
        public var isNew: Bool?
    }

    public struct Rows: Codable, Sendable, Hashable {
        /// How many rows there are, blank ones aside.
        public var total: Int
        /// How many can be called.
        public var accepted: Int
        public var rejected: Int
        public var blank: Int
    }

    /// How many calls go to a country.
    public struct Country: Codable, Sendable, Hashable {
        /// The calling code, with its plus.
        public var code: String
        public var name: String
        public var calls: Int
    }

    /// Whether every row can be called, and there is one.
    public var valid: Bool
    public var bytes: Int
    /// `LF` or `CRLF`.
    public var lineEnding: String?
    /// Whether a byte order mark stands at the start.
    public var hasBOM: Bool?
    public var columns: [String]
    public var rows: Rows
    /// How many numbers came again; they are accepted.
    public var duplicates: Int
    /// How many uploads the file takes.
    public var pieces: Int
    public var countries: [Country]
    /// How many problems there are, also beyond those listed.
    public var problemCount: Int
    public var problems: [Problem]
    /// How many of the accepted are numbers of the default country, written as within it.
    public var assumed: Int?
    /// How many of the rejected the file's own `reject_reason` does not name.
    public var newlyRejected: Int?
    /// How the text was recognised, with `convert`.
    public var encoding: String?
    public var delimiter: String?
    /// Where the good rows were written.
    public var acceptedFile: String?
    public var rejectedFile: String?
    public var splitFiles: [String]?

    /// Throws when not every row can be called; warnings are no hindrance.
    public func requireValid() throws(TrilletError) {
        guard !valid else { return }
        let errors = problems.filter { $0.severity == .error }.prefix(5).map { problem in
            "row \(problem.row): \(problem.message)"
        }
        throw TrilletError(
            type: .invalidArgument,
            message: "\(rows.accepted) of \(rows.total) rows can be called",
            details: errors.joined(separator: "; "),
            code: "contacts",
            field: "file",
            sent: .no,
            meta: CallMeta(operation: "csv.check")
        )
    }
}
