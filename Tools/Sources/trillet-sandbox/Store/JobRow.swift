/// The columns and fields of a job's CSV row.
struct JobRow: Sendable {
    /// Every column but the phone number, in the order of the file.
    let metadata: JSONObject
    /// Every column, for the placeholders of a prompt.
    let variables: [String: String]

    init(batch: BatchRecord, job: JobRecord) throws {
        let columns = try JobRow.texts(batch.columns)
        let cells = try JobRow.texts(job.cells)
        var metadata = JSONObject()
        var variables: [String: String] = [:]
        for (column, cell) in zip(columns, cells) {
            variables[column] = cell
            if column != ContactFile.phoneColumn { metadata[column] = .string(cell) }
        }
        self.metadata = metadata
        self.variables = variables
    }

    private static func texts(_ array: String) throws -> [String] {
        try JSON(parsing: array).arrayValue?.compactMap(\.stringValue) ?? []
    }
}
