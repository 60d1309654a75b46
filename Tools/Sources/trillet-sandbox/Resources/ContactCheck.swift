/// What is right and wrong in a contact file, row by row.
struct ContactCheck: Sendable {
    /// How many problems and rows are listed; the counts go on.
    static let longestList = 100
    static let previewRows = 5

    private(set) var totalRows = 0
    private(set) var invalidRows = 0
    private(set) var errors: [ContactFile.Problem] = []
    private(set) var warnings: [ContactFile.Problem] = []
    private(set) var preview: [JSON] = []

    var validRows: Int { totalRows - invalidRows }

    init(_ file: ContactFile) throws {
        let phone = try file.requirePhoneColumn()
        // A number has at most 15 digits: it takes less room as one.
        var firstRows: [UInt64: Int] = [:]
        try file.forEachRow { row in
            totalRows = row.number
            if preview.count < ContactCheck.previewRows { preview.append(file.json(row)) }
            let problem = ContactCheck.problem(row, phone, columns: file.columns.count)
            if let problem {
                invalidRows += 1
                if errors.count < ContactCheck.longestList { errors.append(problem) }
                return true
            }
            if row.width < file.columns.count {
                warn(
                    .init(
                        row: row.number,
                        message: "The row has \(row.width) fields, the header \(file.columns.count)"
                    )
                )
            }
            let cell = row.cells[phone]
            let number = TelephoneNumber.normalised(cell).flatMap { UInt64($0.dropFirst()) } ?? 0
            if let first = firstRows[number] {
                warn(
                    .init(
                        row: row.number,
                        column: ContactFile.phoneColumn,
                        value: cell,
                        message: "The number is already in row \(first)"
                    )
                )
            } else {
                firstRows[number] = row.number
            }
            return true
        }
    }

    private mutating func warn(_ problem: ContactFile.Problem) {
        if warnings.count < ContactCheck.longestList { warnings.append(problem) }
    }

    private static func problem(_ row: ContactFile.Row, _ phone: Int, columns: Int)
        -> ContactFile.Problem?
    {
        if row.overflows {
            return .init(
                row: row.number,
                message: "The row has \(row.width) fields, more than the header's \(columns)"
            )
        }
        let cell = row.cells[phone]
        guard TelephoneNumber.normalised(cell) == nil else { return nil }
        return .init(
            row: row.number,
            column: ContactFile.phoneColumn,
            value: cell,
            message: cell.isEmpty ? "Missing phone number" : "Invalid phone number"
        )
    }
}
