import CTrillet

/// The file that outcomes are written to. It is also the memory of what has been written: nothing
/// else need be kept to go on after a crash. docs/decisions.md, result-file-is-memory.
final class ResultFile {
    let path: [UInt8]
    private let format: ResultFormat
    private let batchID: [UInt8]
    private var descriptor: Int32
    /// Where the next record goes.
    private var size: Int
    private let isMade: Bool
    private var columns = ResultColumns()
    private var hasHeader = false
    /// How many calls are in it.
    private(set) var count = 0
    /// Calls whose outcome is settled: they are in the file, or are not wanted there.
    private(set) var settled = IDTable()
    /// Of the first and the last call that were found in it, to tell its batch by.
    private(set) var witnesses: [Witness] = []
    /// What a crash left behind the last whole record, until the file is known to be of this batch.
    private var tornFrom: Int?
    private var pending = ByteBuffer()
    private var pendingCount = 0

    struct Witness {
        let jobID: [UInt8]
        let phoneNumber: [UInt8]
        let startTime: [UInt8]
    }

    private init(
        _ path: [UInt8],
        _ format: ResultFormat,
        _ batchID: [UInt8],
        _ descriptor: Int32,
        size: Int,
        isMade: Bool
    ) {
        self.path = path
        self.format = format
        self.batchID = batchID
        self.descriptor = descriptor
        self.size = size
        self.isMade = isMade
    }

    deinit {
        shim_descriptor_close(descriptor)
    }

    /// Makes the file, or opens the one that a former call left.
    static func open(_ request: BatchRequest) throws(Failure) -> ResultFile {
        let path = request.file
        var size: Int64 = 0
        var isMade: Int32 = 0
        let descriptor = CPath.with(path) {
            shim_append_open($0, request.resumes ? 0 : 1, &size, &isMade)
        }
        guard descriptor >= 0 else { throw failure(path, errno: -descriptor) }
        let file = ResultFile(
            path,
            request.format ?? .jsonLines,
            request.batchID,
            descriptor,
            size: Int(size),
            isMade: isMade != 0
        )
        if file.isMade { CPath.with(path) { shim_directory_flush($0) } }
        try file.load()
        return file
    }

    private static func failure(_ path: [UInt8], errno: Int32) -> Failure {
        switch Int(errno) {
        case SHIM_FILE_EXISTS:
            Failure.invalidArgument(
                """
                The file '\(Message(path))' exists already; with 'resume' its calls are kept and \
                the missing ones are added
                """,
                field: "file"
            )
        case SHIM_FILE_IN_USE:
            Failure.invalidArgument(
                "Results are being written to the file '\(Message(path))' by somebody else",
                field: "file"
            )
        default: FileFailure.of(path, .write, errno: errno)
        }
    }

    /// A file that this call made and nothing was written to need not be there after an error. An
    /// empty one of the caller's stays: it may have been made for its mode and owner.
    func removeIfEmpty() {
        if isMade { CPath.with(path) { shim_append_remove(descriptor, $0) } }
    }

    // MARK: What a former call left

    private func load() throws(Failure) {
        var reader = RecordReader(descriptor, path: path, format: format)
        while let record = try reader.read() {
            guard reader.isWhole else {
                guard isBeginning(record) else { throw foreign(line: reader.line) }
                tornFrom = reader.start
                break
            }
            guard try load(record) else { throw foreign(line: reader.line) }
        }
        if tornFrom == nil { size = reader.end }
    }

    /// False for a record that is none of this batch's results.
    private func load(_ record: Bytes) throws(Failure) -> Bool {
        switch format {
        case .csv: try loadRow(CSVRecord.fields(of: record))
        case .jsonLines: try loadLine(record)
        }
    }

    private func loadRow(_ fields: [[UInt8]]) throws(Failure) -> Bool {
        guard hasHeader else {
            guard let columns = ResultColumns(header: fields) else { return false }
            self.columns = columns
            hasHeader = true
            return true
        }
        guard fields.count == columns.count, !fields[ResultColumns.jobID].isEmpty else {
            return false
        }
        let witness = Witness(
            jobID: fields[ResultColumns.jobID],
            phoneNumber: fields[ResultColumns.phoneNumber],
            startTime: fields[ResultColumns.startTime]
        )
        if witnesses.count > 1 { witnesses.removeLast() }
        witnesses.append(witness)
        return try note(witness.jobID)
    }

    private func loadLine(_ line: Bytes) throws(Failure) -> Bool {
        guard let object = try? JSONScanner.check(line, allowsLoneSurrogates: true),
            let batch = object.member("batchId")?.string, batch.decoded() == batchID,
            let jobID = object.member("jobId")?.string
        else { return false }
        return try note(jobID.decoded())
    }

    /// A call that stands there twice was not written by us.
    private func note(_ jobID: [UInt8]) throws(Failure) -> Bool {
        let isNew = try jobID.withUnsafeBufferPointer { (id) throws(Failure) in
            try settled.insert(id)
        }
        if isNew { count += 1 }
        return isNew
    }

    /// Whether a cut off record can be the beginning of one of ours: it is about to be removed.
    private func isBeginning(_ record: Bytes) -> Bool {
        if count > 0 || hasHeader { return true }
        var first = ByteBuffer()
        switch format {
        case .csv:
            ResultColumns().appendHeader(to: &first)
            first.truncate(to: first.count - 1)
        case .jsonLines:
            first.append("{\"batchId\":")
            first.append(jsonString: batchID)
        }
        let common = min(first.count, record.count)
        return first.bytes.slice(0, common).equals(record.slice(0, common))
    }

    private func foreign(line: Int) -> Failure {
        Failure.invalidArgument(
            """
            Line \(line) of the file '\(Message(path))' is no result of batch \
            '\(Message(batchID))' in the format \(format.name); the file was left as it is
            """,
            field: "file"
        )
    }

    var isOfAnotherBatch: Failure {
        Failure.invalidArgument(
            """
            The file '\(Message(path))' holds calls that are not of batch \
            '\(Message(batchID))'; it was left as it is
            """,
            field: "file"
        )
    }

    /// The file is of this batch: what a crash left of a record can go.
    func removeTornRecord() throws(Failure) {
        guard let tornFrom else { return }
        let problem = shim_append_cut(descriptor, Int64(tornFrom))
        guard problem == 0 else { throw FileFailure.of(path, .write, errno: problem) }
        size = tornFrom
        self.tornFrom = nil
    }

    // MARK: Writing

    /// Takes a call whose outcome is settled; false when it had been settled before.
    func settle(_ call: BatchCall) throws(Failure) -> Bool {
        let id = call.jobID.decoded()
        return try id.withUnsafeBufferPointer { (id) throws(Failure) in
            try settled.insert(id)
        }
    }

    /// The header of a file that has none, and room for columns that are new.
    func prepare(for calls: [BatchCall]) throws(Failure) {
        guard format == .csv else { return }
        let before = columns.own.count
        for call in calls { columns.add(call) }
        if !hasHeader {
            columns.appendHeader(to: &pending)
            hasHeader = true
        } else if columns.own.count > before {
            try widen(by: columns.own.count - before)
        }
    }

    func append(_ call: BatchCall) {
        switch format {
        case .csv: columns.append(call, to: &pending)
        case .jsonLines: ResultLines.append(call, of: batchID, to: &pending)
        }
        pendingCount += 1
    }

    /// Brings to the disk what was appended; returns how many calls that were.
    func flush() throws(Failure) -> Int {
        if pending.isOutOfMemory { throw Failure.outOfMemory }
        guard pending.count > 0 else { return 0 }
        let problem = shim_append_write(descriptor, pending.start, pending.count, Int64(size))
        guard problem == 0 else {
            // What is there of it is a torn record at worst.
            _ = shim_append_cut(descriptor, Int64(size))
            throw FileFailure.of(path, .write, errno: problem)
        }
        size += pending.count
        let written = pendingCount
        count += written
        pending.removeAll()
        pendingCount = 0
        return written
    }

    /// Writes the file anew with more columns, empty ones for the calls that are in it.
    private func widen(by more: Int) throws(Failure) {
        var writer = try FileWriter.create(path, option: "file")
        var reader = RecordReader(descriptor, path: path, format: format)
        var text = ByteBuffer()
        columns.appendHeader(to: &text)
        _ = try reader.read()
        while let record = try reader.read() {
            text.append(record)
            for _ in 0..<more { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "\n"))
            if text.isOutOfMemory { throw Failure.outOfMemory }
            try writer.append(text.bytes)
            text.removeAll()
        }
        try writer.append(text.bytes)
        try writer.commit()
        CPath.with(path) { shim_directory_flush($0) }
        var newSize: Int64 = 0
        var isMade: Int32 = 0
        // A file that could not be moved there is the one that is open, and locked, already.
        shim_descriptor_close(descriptor)
        descriptor = -1
        let wider = CPath.with(path) { shim_append_open($0, 0, &newSize, &isMade) }
        guard wider >= 0 else { throw ResultFile.failure(path, errno: -wider) }
        descriptor = wider
        size = Int(newSize)
    }
}
