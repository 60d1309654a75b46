/// What a check has found.
struct ContactReport {
    private let columns: ContactColumns
    private let maxProblems: Int
    var totalRows = 0
    var acceptedRows = 0
    /// Accepted with the code of the default country.
    var assumedRows = 0
    var rejectedRows = 0
    /// Rejected rows of which the file does not say so already.
    var newlyRejectedRows = 0
    var blankRows = 0
    var duplicates = 0
    /// Accepted rows for each calling code.
    var calls: [Int]
    let countries = CallingCodes.makeEntries()

    private(set) var problems: [RowProblem] = []
    private(set) var problemCount = 0
    private(set) var hasErrors = false
    // The list may be full of warnings before they come.
    private var firstError: RowProblem?
    private var firstRowError: RowProblem?
    private var size = 0
    private(set) var pieces = 1
    private var hasBOM = false
    private var encoding = TextEncoding.utf8
    private var delimiter = UInt8(ascii: ",")
    private var isConverted = false
    private var assumesCountry = false
    let lineEnd: LineEnd
    private var acceptedFile: [UInt8]?
    private var rejectedFile: [UInt8]?
    private var splitFiles: [[UInt8]]?

    init(columns: ContactColumns, lineEnd: LineEnd, maxProblems: Int) {
        self.columns = columns
        self.lineEnd = lineEnd
        self.maxProblems = maxProblems
        calls = Array(repeating: 0, count: countries.count)
    }

    var isValid: Bool { !hasErrors && acceptedRows > 0 }
    var hasRoom: Bool { problems.count < maxProblems }

    mutating func add(_ problem: RowProblem) {
        problemCount += 1
        if !problem.kind.isWarning {
            hasErrors = true
            if firstError == nil { firstError = problem }
            if firstRowError == nil, problem.row > 0 { firstRowError = problem }
        }
        if hasRoom { problems.append(problem) }
    }

    /// Counts a warning that nobody will read.
    mutating func skip() {
        problemCount += 1
    }

    /// Takes over the duplicates of another reading of the same rows: one is the last problem of
    /// its row.
    mutating func addDuplicates(of reading: ContactReport) {
        duplicates += reading.duplicates
        problemCount += reading.duplicates
        var merged: [RowProblem] = []
        var mine = 0
        var theirs = 0
        while merged.count < maxProblems {
            let isTheirs =
                theirs < reading.problems.count
                && (mine == problems.count || reading.problems[theirs].row < problems[mine].row)
            guard isTheirs || mine < problems.count else { break }
            let problem = isTheirs ? reading.problems[theirs] : problems[mine]
            if isTheirs { theirs += 1 } else { mine += 1 }
            if !isTheirs || problem.kind == .duplicate { merged.append(problem) }
        }
        problems = merged
    }

    mutating func finish(
        _ reader: borrowing CSVReader,
        pieces: Int,
        largestUpload: Int,
        options: CheckOptions
    ) {
        let maxRows = options.maxRows
        assumesCountry = options.assumesCountry
        isConverted = options.converts
        size = reader.size
        hasBOM = reader.hasBOM
        encoding = reader.encoding
        delimiter = reader.delimiter
        self.pieces = pieces
        // Without it a file that is not valid would have no problem.
        if acceptedRows == 0, !hasErrors {
            add(
                RowProblem(
                    kind: .noRows,
                    row: 0,
                    line: 0,
                    message: "The file has a header, but nobody to call",
                    suggestion: "write a row for each contact below the header"
                )
            )
        }
        if isConverted ? pieces > 1 : size > largestUpload {
            add(
                RowProblem(
                    kind: .tooLarge,
                    row: 0,
                    line: 0,
                    message: """
                        The file has \(size) bytes; an upload may have \(largestUpload), so it \
                        takes \(pieces)
                        """,
                    suggestion: "write the pieces with splitFile"
                )
            )
        }
        if let maxRows, acceptedRows > maxRows {
            self.pieces = max(pieces, (acceptedRows + maxRows - 1) / maxRows)
            add(
                RowProblem(
                    kind: .tooManyRows,
                    row: 0,
                    line: 0,
                    message:
                        "The file has \(acceptedRows) calls; the limit is \(maxRows) (maxRows)",
                    suggestion: "write the pieces with splitFile and splitRows"
                )
            )
        }
    }

    mutating func setFiles(_ options: CheckOptions, pieces: [[UInt8]]) {
        acceptedFile = options.acceptedFile
        rejectedFile = options.rejectedFile
        guard options.splitFile != nil else { return }
        splitFiles = pieces
        self.pieces = max(1, pieces.count)
    }

    /// Why the file is not sent, nil when it may be.
    var refusal: Failure? {
        if isValid { return nil }
        let message: Message
        if let first = firstRowError {
            message = """
                \(rejectedRows) of \(totalRows - blankRows) rows cannot be called, so nothing was \
                sent; the first is row \(first.row), line \(first.line): \(first.message)
                """
        } else {
            message = firstError?.message ?? "Nobody can be called"
        }
        var failure = Failure.invalidArgument(message)
        failure.code = "contacts"
        var json = ByteBuffer(capacity: 4096)
        write(to: &json)
        if !json.isOutOfMemory { failure.report = Array(json.bytes) }
        return failure
    }

    // MARK: JSON

    func write(to json: inout ByteBuffer) {
        json.append("{\"valid\":")
        json.append(isValid ? "true" : "false")
        append("bytes", size, to: &json)
        json.append(",\"lineEnding\":")
        json.append(UInt8(ascii: "\""))
        json.append(lineEnd.name)
        json.append(UInt8(ascii: "\""))
        json.append(",\"hasBOM\":")
        json.append(hasBOM ? "true" : "false")
        if isConverted {
            json.append(",\"encoding\":\"")
            json.append(encoding.name)
            json.append("\",\"delimiter\":")
            json.append(jsonString: [delimiter])
        }
        json.append(",\"columns\":")
        append(columns.names, to: &json)
        json.append(",\"rows\":{\"total\":")
        json.append(decimal: totalRows)
        append("accepted", acceptedRows, to: &json)
        append("rejected", rejectedRows, to: &json)
        append("blank", blankRows, to: &json)
        json.append(UInt8(ascii: "}"))
        if assumesCountry { append("assumed", assumedRows, to: &json) }
        if columns.rejectReason != nil { append("newlyRejected", newlyRejectedRows, to: &json) }
        append("duplicates", duplicates, to: &json)
        append("pieces", pieces, to: &json)
        writeCountries(to: &json)
        append("problemCount", problemCount, to: &json)
        json.append(",\"problems\":[")
        for (index, problem) in problems.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            problem.write(to: &json)
        }
        json.append(UInt8(ascii: "]"))
        append("acceptedFile", acceptedFile, to: &json)
        append("rejectedFile", rejectedFile, to: &json)
        if let splitFiles {
            json.append(",\"splitFiles\":")
            append(splitFiles, to: &json)
        }
        json.append(UInt8(ascii: "}"))
    }

    private func writeCountries(to json: inout ByteBuffer) {
        json.append(",\"countries\":[")
        var isFirst = true
        for (index, count) in calls.enumerated() where count > 0 {
            if !isFirst { json.append(UInt8(ascii: ",")) }
            isFirst = false
            let entry = countries[index]
            json.append("{\"code\":\"+")
            json.append(entry.code)
            json.append("\",\"name\":")
            json.append(jsonString: entry.name)
            append("calls", count, to: &json)
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
    }

    private func append(_ name: StaticString, _ value: Int, to json: inout ByteBuffer) {
        json.append(",\"")
        json.append(name)
        json.append("\":")
        json.append(decimal: value)
    }

    private func append(_ name: StaticString, _ path: [UInt8]?, to json: inout ByteBuffer) {
        guard let path else { return }
        json.append(",\"")
        json.append(name)
        json.append("\":")
        json.append(jsonString: path)
    }

    private func append(_ texts: [[UInt8]], to json: inout ByteBuffer) {
        json.append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.append(jsonString: text)
        }
        json.append(UInt8(ascii: "]"))
    }
}
