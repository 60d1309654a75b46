/// Checks a contact file row by row, in constant memory. A long file is read again for the numbers
/// of each further share.
struct ContactCheck: ~Copyable {
    private(set) var reader: CSVReader
    private let options: CheckOptions
    let columns: ContactColumns
    let columnCount: Int
    let numberReader: NumberReader
    private let findsDuplicates: Bool
    private var outputs: ContactOutputs
    private var share: NumberTable.Share
    private var numbers: NumberTable
    /// Numbers on their way into the table: its places come from memory meanwhile.
    private var pending: [PendingNumber] = []
    private var neededColumns: [(index: Int, source: NeededColumn.Source)] = []
    private var pieces: PieceCount
    var report: ContactReport
    /// A carriage return alone ended the row before, as it did not end the header.
    private(set) var followsLoneReturn = false

    /// A plus, seven digits and a line end.
    private static let shortestContact = 9

    /// Throws when there is no contact file to check.
    init(
        _ source: consuming CSVSource,
        _ options: CheckOptions,
        _ places: OutputPlaces = OutputPlaces(),
        _ share: NumberTable.Share = NumberTable.Share()
    ) throws(Failure) {
        var source = source
        if options.converts { try source.recognizeEncoding() }
        var reader = try CSVReader.open(source)
        try FileKind.refuse(reader.opening)
        if options.converts, let delimiter = Delimiter.recognize(reader.opening) {
            reader.delimiter = delimiter
        }
        var hasHeader = try reader.readRecord()
        // Blank lines, with commas where a spreadsheet wrote them.
        while hasHeader,
            ContactCheck.isBlank(reader) || options.converts && ExcelLine.is(reader.record)
        {
            hasHeader = try reader.readRecord()
        }
        guard hasHeader else {
            throw Failure.csv(
                "empty",
                "The file is empty: there is not even a header row"
            )
        }
        let columns = try ContactColumns(header: reader, phoneColumn: options.phoneColumn)
        let lineEnd = reader.lineEnd
        outputs = try ContactOutputs(options, places, columns, lineEnd)
        report = ContactReport(
            columns: columns,
            lineEnd: lineEnd,
            maxProblems: options.maxProblems
        )
        numberReader = NumberReader(options, report.countries)
        pieces = PieceCount(
            size: options.converts ? Int.max : reader.size,
            header: reader.recordSize
        )
        let expected =
            options.findsDuplicates
            ? reader.expectedRecords(shortest: ContactCheck.shortestContact) : 0
        var share = share
        if share.index == 0 { share.count = expected / NumberTable.rowsOfShare + 1 }
        self.share = share
        numbers = NumberTable(expected: expected, share)
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
    mutating func readRows() throws(Failure) {
        while try reader.readRecord() {
            report.totalRows += 1
            pieces.add(reader.recordSize)
            // Nearly every row of nearly every file takes this way.
            if isOrdinary(), let reading = numberReader.read(reader.rawText(columns.phoneNumber)) {
                try accept(reading)
            } else if ContactCheck.isBlank(reader) {
                report.blankRows += 1
            } else {
                try checkRow()
            }
            followsLoneReturn = reader.lineEnd == .cr && report.lineEnd != .cr
        }
        try flushDuplicates()
    }

    /// What another reading of the same rows looks at; nil when that was all. Of the tables there is
    /// one at a time.
    mutating func nextShare() -> NumberTable.Share? {
        share.index += 1
        guard share.index < share.count else { return nil }
        numbers = NumberTable(expected: 0, share)
        return share
    }

    mutating func finish() throws(Failure) {
        report.finish(
            reader,
            pieces: pieces.count,
            largestUpload: ContactFile.largestUpload,
            options: options
        )
        try outputs.commit()
        report.setFiles(options, pieces: outputs.pieces)
    }

    private static func isBlank(_ reader: borrowing CSVReader) -> Bool {
        for index in 0..<reader.fieldCount where !reader.rawText(index).isBlank { return false }
        return true
    }

    private mutating func checkRow() throws(Failure) {
        if let problem = structuralProblem() { return try reject(problem) }
        var text = ByteBuffer(capacity: 32)
        if columns.phoneNumber < reader.fieldCount {
            reader.appendText(columns.phoneNumber, to: &text)
        }
        if let reading = numberReader.read(text.bytes.trimmed) {
            try warnOfShape()
            return try accept(reading)
        }
        let damage = NumberDamage(of: text.bytes, numberReader)
        try reject(
            problem(damage.kind, at: columns.phoneNumber, damage.message, damage.suggestion)
        )
    }

    /// Nothing about the row but its number has to be looked at.
    private func isOrdinary() -> Bool {
        reader.fieldCount == columnCount && !reader.isMalformed && !reader.hasControlCharacters
            && !reader.hasInnerQuotes && reader.furtherLines == 0
            && (!reader.mayHaveCharactersBeyondASCII
                || reader.record.firstIllFormedUTF8Offset == nil)
    }

    @_optimize(speed)
    private mutating func accept(_ reading: NumberReader.Reading) throws(Failure) {
        report.acceptedRows += 1
        report.calls[reading.country] += 1
        if reading.isAssumed { report.assumedRows += 1 }
        if !neededColumns.isEmpty { try warnOfEmptyValues() }
        if findsDuplicates { try findDuplicate(reading.number.value) }
        try outputs.accept(reader, columns, reading.number)
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
        guard numbers.takes(number) else { return }
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
                    column: columns.phoneName,
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
            guard index >= reader.fieldCount || reader.rawText(index).isBlank else { continue }
            let name = Message(columns.names[index])
            try warn(
                .emptyValue,
                index,
                source == .prompt
                    ? "'\(name)' is empty; the prompt would say nothing there"
                    : "'\(name)' is empty, and it is required"
            )
        }
    }

    mutating func warn(
        _ kind: RowProblem.Kind,
        _ column: Int?,
        _ message: Message,
        _ suggestion: Message? = nil
    ) throws(Failure) {
        try flushDuplicates()
        guard report.hasRoom else { return report.skip() }
        report.add(problem(kind, at: column, message, suggestion))
    }

    // MARK: Problems

    private mutating func reject(_ problem: RowProblem) throws(Failure) {
        // Problems are listed in the order of their rows.
        try flushDuplicates()
        var problem = problem
        report.rejectedRows += 1
        if isRejectedAlready {
            problem.isNew = false
        } else {
            report.newlyRejectedRows += 1
            if columns.rejectReason != nil { problem.isNew = true }
        }
        report.add(problem)
        try outputs.reject(reader, columns, problem.message)
    }

    /// The row has the reason that an earlier check wrote.
    private var isRejectedAlready: Bool {
        guard let index = columns.rejectReason, index < reader.fieldCount else { return false }
        return !reader.rawText(index).isBlank
    }

    func problem(
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
            problem.column =
                column == columns.phoneNumber ? columns.phoneName : columns.names[column]
            var value = ByteBuffer()
            if column < reader.fieldCount { reader.appendText(column, to: &value) }
            problem.value = RowProblem.quoted(value.bytes)
        }
        return problem
    }
}
