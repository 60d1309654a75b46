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

    /// With what the pre-call webhook has answered, over what the file has.
    func adding(_ answer: JSONObject?) -> JobRow {
        guard let answer else { return self }
        var all = metadata
        for member in answer.members { all[member.key] = member.value }
        return JobRow(
            metadata: all,
            variables: variables.merging(answer.spokenTexts) { _, new in new }
        )
    }

    private init(metadata: JSONObject, variables: [String: String]) {
        self.metadata = metadata
        self.variables = variables
    }

    private static func texts(_ array: String) throws -> [String] {
        try JSON(parsing: array).arrayValue?.compactMap(\.stringValue) ?? []
    }
}
