/// Checks a contact file row by row, in one pass and in constant memory but for the numbers seen.
struct ContactCheck: ~Copyable {
    private var reader: CSVReader
    private let options: CheckOptions
    private let columns: ContactColumns
    private let columnCount: Int
    private let findsDuplicates: Bool
    private var outputs: ContactOutputs
    private var numbers: NumberTable
    /// Numbers on their way into the table: its places come from memory meanwhile.
    private var pending: [PendingNumber] = []
    private let countryIndex: [UInt16]
    private var neededColumns: [(index: Int, source: NeededColumn.Source)] = []
    private var pieces: PieceCount
    private(set) var report: ContactReport

    /// Throws when there is no contact file to check.
    init(_ source: consuming CSVSource, _ options: CheckOptions) throws(Failure) {
        var reader = try CSVReader.open(source)
        try FileKind.refuse(reader.opening)
        var hasHeader = try reader.readRecord()
        // Blank lines, with commas where a spreadsheet wrote them.
        while hasHeader, ContactCheck.isBlank(reader) {
            hasHeader = try reader.readRecord()
        }
        guard hasHeader else {
            throw ContactColumns.failure(
                "empty",
                "The file is empty: there is not even a header row"
            )
        }
        let columns = try ContactColumns(header: reader)
        let lineEnd = reader.lineEnd
        outputs = try ContactOutputs(options, columns, lineEnd)
        report = ContactReport(
            columns: columns,
            lineEnd: lineEnd,
            maxProblems: options.maxProblems
        )
        countryIndex = CallingCodes.makeIndex(of: report.countries)
        pieces = PieceCount(size: reader.size, header: reader.recordSize)
        numbers = NumberTable(expected: options.findsDuplicates ? reader.expectedRecords : 0)
        pending.reserveCapacity(ContactCheck.pendingNumbers)
        self.reader = reader
        self.columns = columns
        columnCount = columns.names.count
        findsDuplicates = options.findsDuplicates
        self.options = options
        checkHeader()
    }

    private mutating func checkHeader() {
        for (index, name) in columns.names.enumerated() where name.isEmpty {
            report.add(
                RowProblem(
                    kind: .unnamedColumn,
                    row: 0,
                    line: reader.line,
                    message: "Column \(index + 1) has no name, so no prompt can use it"
                )
            )
        }
        for needed in options.neededColumns {
            if let index = columns.index(of: needed.name) {
                neededColumns.append((index, needed.source))
                continue
            }
            guard report.hasRoom || !report.hasErrors else {
                report.skip()
                continue
            }
            report.add(
                RowProblem(
                    kind: .missingColumn,
                    row: 0,
                    line: reader.line,
                    column: needed.name,
                    message: needed.isMissing,
                    suggestion: columns.similar(to: needed.name).map {
                        "rename the column '\(Message($0))' to '\(Message(needed.name))'"
                    }
                )
            )
        }
    }

    // MARK: Rows

    @_optimize(speed)
    mutating func run() throws(Failure) {
        while try reader.readRecord() {
            report.totalRows += 1
            pieces.add(reader.recordSize)
            // Nearly every row of nearly every file takes this way.
            if isWellFormed(),
                let number = PhoneNumber.normalize(reader.rawText(columns.phoneNumber))
            {
                try check(number)
            } else if ContactCheck.isBlank(reader) {
                report.blankRows += 1
            } else {
                try checkRow()
            }
        }
        try flushDuplicates()
        report.finish(
            reader,
            pieces: pieces.count,
            largestUpload: ContactFile.largestUpload,
            maxRows: options.maxRows
        )
        try outputs.commit()
        report.setFiles(options, pieces: outputs.pieces)
    }

    private static func isBlank(_ reader: borrowing CSVReader) -> Bool {
        for index in 0..<reader.fieldCount where !reader.rawText(index).isBlank { return false }
        return true
    }

    private mutating func checkRow() throws(Failure) {
        guard isWellFormed() else {
            try reject(structuralProblem())
            return
        }
        let raw = reader.rawText(columns.phoneNumber)
        var text = ByteBuffer(capacity: raw.count)
        reader.appendText(columns.phoneNumber, to: &text)
        if let number = PhoneNumber.normalize(text.bytes.trimmed) { return try check(number) }
        let damage = NumberDamage(of: text.bytes, countries: countryIndex)
        try reject(
            problem(damage.kind, at: columns.phoneNumber, damage.message, damage.suggestion)
        )
    }

    private func isWellFormed() -> Bool {
        reader.fieldCount == columnCount && !reader.isMalformed && !reader.hasControlCharacters
            && (!reader.mayHaveCharactersBeyondASCII
                || reader.record.firstIllFormedUTF8Offset == nil)
    }

    @_optimize(speed)
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
        if !neededColumns.isEmpty { try warnOfEmptyValues() }
        if findsDuplicates { try findDuplicate(number.digits) }
        try outputs.accept(reader, columns, number)
    }

    // MARK: Duplicates

    private struct PendingNumber {
        let number: UInt64
        let row: Int
        let line: Int
    }

    private static let pendingNumbers = 16

    @_optimize(speed)
    private mutating func findDuplicate(_ number: UInt64) throws(Failure) {
        numbers.prefetch(number)
        pending.append(PendingNumber(number: number, row: report.totalRows, line: reader.line))
        if pending.count == ContactCheck.pendingNumbers { try flushDuplicates() }
    }

    @_optimize(speed)
    private mutating func flushDuplicates() throws(Failure) {
        for each in pending {
            guard let first = numbers.insert(each.number, row: each.row) else { continue }
            report.duplicates += 1
            guard report.hasRoom else {
                report.skip()
                continue
            }
            var text = ByteBuffer()
            text.append(UInt8(ascii: "+"))
            text.append(decimal: UInt(each.number))
            report.add(
                RowProblem(
                    kind: .duplicate,
                    row: each.row,
                    line: each.line,
                    column: columns.names[columns.phoneNumber],
                    value: Array(text.bytes),
                    message: "The number is in row \(first) already; it would be called again"
                )
            )
        }
        pending.removeAll(keepingCapacity: true)
        if numbers.isOutOfMemory { throw Failure.outOfMemory }
    }

    // MARK: Empty values

    private mutating func warnOfEmptyValues() throws(Failure) {
        for position in 0..<neededColumns.count {
            let (index, source) = neededColumns[position]
            guard reader.rawText(index).isBlank else { continue }
            try flushDuplicates()
            guard report.hasRoom else {
                report.skip()
                continue
            }
            report.add(
                problem(
                    .emptyValue,
                    at: index,
                    source == .prompt
                        ? "'\(Message(columns.names[index]))' is empty; the prompt would say nothing there"
                        : "'\(Message(columns.names[index]))' is empty, and it is required"
                )
            )
        }
    }

    // MARK: Problems

    private mutating func reject(_ problem: RowProblem) throws(Failure) {
        // Problems are listed in the order of their rows.
        try flushDuplicates()
        report.rejectedRows += 1
        report.add(problem)
        try outputs.reject(reader, columns, problem.message)
    }

    private func structuralProblem() -> RowProblem {
        if reader.isMalformed {
            return problem(
                .quote,
                at: nil,
                reader.isUnclosed
                    ? unclosedQuote : "There is text behind a closing quote",
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

    private var unclosedQuote: Message {
        switch reader.furtherLines {
        case 0: "A quote is never closed"
        case 1: "A quote is never closed, so the line behind it is part of this row"
        case let lines:
            "A quote is never closed, so the \(lines) lines behind it are part of this row"
        }
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
