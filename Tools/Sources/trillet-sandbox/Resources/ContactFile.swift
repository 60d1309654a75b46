/// The CSV file of a batch: a header row, then one row per call.
struct ContactFile: Sendable {
    struct Problem: Sendable {
        /// Counts data rows from 1; blank rows do not count.
        let row: Int
        var column: String?
        var value: String?
        let message: String

        var json: JSON {
            var problem: JSONObject = ["row": .number(row)]
            problem["column"] = column.map(JSON.string)
            problem["value"] = value.map(JSON.string)
            problem["message"] = .string(message)
            return .object(problem)
        }
    }

    struct Row: Sendable {
        let number: Int
        /// As many fields as there are columns; those a short row lacks are empty.
        let cells: [String]
        /// How many fields the row has in the file.
        let width: Int
        /// Whether text stands beyond the last column.
        let overflows: Bool
    }

    static let phoneColumn = "phone_number"
    static let largestSize = 20 * 1_048_576

    let columns: [String]
    /// How many bytes the largest field has.
    let largestCell: Int
    private let text: CommaSeparatedText

    /// - Throws: ``Failure`` 400 when the bytes are not a CSV file with a header and a row.
    init(_ bytes: [UInt8], mostRows: Int = .max) throws {
        guard bytes.count <= ContactFile.largestSize else {
            throw ContactFile.refusal("The file is larger than 20 MiB")
        }
        do {
            text = try CommaSeparatedText(bytes)
            var header: [String]?
            var rows = 0
            var largest = 0
            try text.forEachRecord { fields in
                guard !ContactFile.isBlank(fields) else { return true }
                if header != nil { rows += 1 }
                header = header ?? fields
                for field in fields { largest = max(largest, field.utf8.count) }
                return rows <= mostRows
            }
            guard rows <= mostRows else {
                throw ContactFile.refusal("The file has more than \(mostRows) rows")
            }
            guard let header else { throw ContactFile.refusal("The file is empty") }
            largestCell = largest
            columns = try ContactFile.columns(header)
            guard rows > 0 else {
                throw ContactFile.refusal("The file has no row below its header")
            }
        } catch let error as CommaSeparatedTextError {
            throw ContactFile.refusal("Line \(error.line) cannot be read: \(error.reason)")
        }
    }

    /// Calls `body` with each row that is not blank; stops early when it returns false.
    func forEachRow(_ body: (Row) throws -> Bool) throws {
        var number = 0
        var isHeader = true
        try text.forEachRecord { fields in
            guard !ContactFile.isBlank(fields) else { return true }
            guard !isHeader else {
                isHeader = false
                return true
            }
            number += 1
            let missing = max(0, columns.count - fields.count)
            let cells = fields.prefix(columns.count) + Array(repeating: "", count: missing)
            return try body(
                Row(
                    number: number,
                    cells: Array(cells),
                    width: fields.count,
                    overflows: !ContactFile.isBlank(Array(fields.dropFirst(columns.count)))
                )
            )
        }
    }

    /// - Throws: ``Failure`` 400 when there is no column of phone numbers.
    func requirePhoneColumn() throws -> Int {
        guard let index = columns.firstIndex(of: ContactFile.phoneColumn) else {
            throw ContactFile.refusal("The file has no column \(ContactFile.phoneColumn)")
        }
        return index
    }

    func json(_ row: Row) -> JSON {
        var object = JSONObject()
        for (column, cell) in zip(columns, row.cells) { object[column] = .string(cell) }
        return .object(object)
    }

    static func refusal(_ message: String) -> Failure {
        Failure(status: .badRequest, title: "Invalid file", detail: message)
    }

    private static func columns(_ header: [String]) throws -> [String] {
        var names = header.map(trimmed)
        while names.last == "" { names.removeLast() }
        var seen: Set<String> = []
        for (index, name) in names.enumerated() {
            guard !name.isEmpty else {
                throw refusal("Column \(index + 1) of the header has no name")
            }
            guard seen.insert(name).inserted else {
                throw refusal("The header names the column \(name) twice")
            }
        }
        return names
    }

    private static func isBlank(_ fields: [String]) -> Bool {
        fields.allSatisfy { $0.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        guard let first = text.firstIndex(where: { !isSpace($0) }),
            let last = text.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }
}
