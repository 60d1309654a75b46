/// Checks a contact file row by row, in one pass and in constant memory but for the numbers seen.
struct ContactCheck: ~Copyable {
    private var reader: CSVReader
    private let options: CheckOptions
    private let columns: ContactColumns
    private var outputs: ContactOutputs
    private var numbers: NumberTable?
    private let countryIndex = CallingCodes.makeIndex()
    private var neededColumns: [Int] = []
    private(set) var report: ContactReport

    /// Throws when there is no contact file to check.
    init(_ source: consuming CSVSource, _ options: CheckOptions) throws(Failure) {
        var reader = try CSVReader.open(source)
        try FileKind.refuse(reader.opening)
        var hasHeader = try reader.readRecord()
        while hasHeader, reader.fieldCount == 1, reader.record.trimmed.count == 0 {
            hasHeader = try reader.readRecord()
        }
        guard hasHeader else {
            throw ContactColumns.failure("empty", "The file is empty: there is not even a header row")
        }
        let columns = try ContactColumns(header: reader)
        outputs = try ContactOutputs(options, columns, usesCRLF: reader.usesCRLF)
        report = ContactReport(columns: columns, maxProblems: options.maxProblems)
        self.reader = reader
        self.columns = columns
        self.options = options
        checkHeader()
    }

    private mutating func checkHeader() {
        for (index, name) in columns.names.enumerated() where name.isEmpty {
            report.add(
                RowProblem(
                    kind: .unnamedColumn,
                    row: 0,
                    line: 1,
                    message: "Column \(index + 1) has no name, so no prompt can use it"
                )
            )
        }
        for name in options.neededColumns {
            if let index = columns.index(of: name) {
                neededColumns.append(index)
                continue
            }
            report.add(
                RowProblem(
                    kind: .missingColumn,
                    row: 0,
                    line: 1,
                    column: name,
                    message: "The prompt needs the column '\(Message(name))', which the file lacks",
                    suggestion: nil
                )
            )
        }
    }

    // MARK: Rows

    mutating func run() throws(Failure) {
        while try reader.readRecord() {
            report.totalRows += 1
            if isBlank() {
                report.blankRows += 1
            } else {
                try checkRow()
            }
        }
        report.finish(reader, largestUpload: ContactFile.largestUpload, maxRows: options.maxRows)
        try outputs.commit()
        report.setFiles(options, pieces: outputs.pieces)
    }

    private func isBlank() -> Bool {
        if reader.record.count == 0 { return true }
        // Nearly every row is decided by its number.
        if columns.phoneNumber < reader.fieldCount,
            reader.rawText(columns.phoneNumber).count > 0
        {
            let text = reader.rawText(columns.phoneNumber)
            if text[0] > 0x20 || text.trimmed.count > 0 { return false }
        }
        for index in 0..<reader.fieldCount where reader.rawText(index).trimmed.count > 0 {
            return false
        }
        return true
    }

    private mutating func checkRow() throws(Failure) {
        guard isWellFormed() else {
            try reject(structuralProblem())
            return
        }
        let raw = reader.rawText(columns.phoneNumber)
        if reader.field(columns.phoneNumber).quoting != .doubled,
            let number = PhoneNumber.normalize(raw)
        {
            return try check(number)
        }
        var text = ByteBuffer(capacity: raw.count)
        reader.appendText(columns.phoneNumber, to: &text)
        if let number = PhoneNumber.normalize(text.bytes.trimmed) { return try check(number) }
        let damage = NumberDamage(of: text.bytes)
        try reject(
            problem(damage.kind, at: columns.phoneNumber, damage.message, damage.suggestion)
        )
    }

    private func isWellFormed() -> Bool {
        reader.fieldCount == columns.names.count && !reader.isMalformed
            && !reader.hasControlCharacters
            && (!reader.mayHaveCharactersBeyondASCII
                || reader.record.firstIllFormedUTF8Offset == nil)
    }

    private mutating func check(_ number: PhoneNumber.Normalized) throws(Failure) {
        let country = Int(countryIndex[number.prefix])
        guard country > 0 else {
            try reject(
                problem(
                    .badCountry,
                    at: columns.phoneNumber,
                    """
                    '\(reader.rawText(columns.phoneNumber))' begins with no country code that is \
                    in use
                    """
                )
            )
            return
        }
        report.acceptedRows += 1
        report.calls[country - 1] += 1
        if !neededColumns.isEmpty { warnOfEmptyValues() }
        if options.findsDuplicates { findDuplicate(number) }
        try outputs.accept(reader, columns, number)
    }

    private mutating func findDuplicate(_ number: PhoneNumber.Normalized) {
        if numbers == nil { numbers = NumberTable(expected: expectedRows()) }
        guard let first = numbers?.insert(number.digits, row: report.totalRows) else { return }
        report.duplicates += 1
        guard report.hasRoom else { return report.skip() }
        report.add(
            problem(
                .duplicate,
                at: columns.phoneNumber,
                "The number is in row \(first) already; it would be called again"
            )
        )
    }

    /// The rows that a file of this size has if the others are like this one.
    private func expectedRows() -> Int {
        min(reader.size / max(8, reader.record.count + 1), 100_000_000) + 1
    }

    private mutating func warnOfEmptyValues() {
        for index in neededColumns where reader.rawText(index).trimmed.count == 0 {
            guard report.hasRoom else {
                report.skip()
                continue
            }
            report.add(
                problem(
                    .emptyValue,
                    at: index,
                    "'\(Message(columns.names[index]))' is empty; the prompt would say nothing there"
                )
            )
        }
    }

    // MARK: Problems

    private mutating func reject(_ problem: RowProblem) throws(Failure) {
        report.rejectedRows += 1
        report.add(problem)
        try outputs.reject(reader, columns, problem.message)
    }

    private func structuralProblem() -> RowProblem {
        if reader.isMalformed {
            return problem(
                .quote,
                at: nil,
                "A quote is not closed, or text stands behind a closing quote",
                "write a quote within a value twice"
            )
        }
        if reader.fieldCount != columns.names.count {
            return problem(
                .ragged,
                at: nil,
                """
                The row has \(reader.fieldCount) values, the header \(columns.names.count) columns
                """,
                reader.fieldCount > columns.names.count
                    ? "put values with a comma into quotes" : nil
            )
        }
        if reader.hasControlCharacters {
            return problem(
                .control,
                at: nil,
                "The row has a control character, such as a NUL; no prompt can say it"
            )
        }
        return problem(
            .encoding,
            at: nil,
            "The row is not UTF-8; it looks like \(FileKind.eightBitEncoding(reader.record))",
            "save the file as CSV in UTF-8"
        )
    }

    private func problem(
        _ kind: RowProblem.Kind,
        at column: Int?,
        _ message: Message,
        _ suggestion: Message? = nil
    ) -> RowProblem {
        var problem = RowProblem(
            kind: kind,
            row: report.totalRows,
            line: reader.line,
            message: message,
            suggestion: suggestion
        )
        if let column {
            problem.column = columns.names[column]
            problem.value = RowProblem.quoted(reader.rawText(column))
        }
        return problem
    }
}
