/// The files that a check writes: the good rows, the bad ones, and the good ones in pieces.
struct ContactOutputs: ~Copyable {
    private var accepted: FileWriter?
    private var rejected: FileWriter?
    private var piece: FileWriter?
    private var complete = CompleteFiles()
    private var pieceRows = 0
    private var pieceBytes = 0
    private(set) var pieces: [[UInt8]] = []
    private let options: CheckOptions
    private var places: OutputPlaces
    private let lineEnd: StaticString
    private var line = ByteBuffer(capacity: 512)
    private var header = ByteBuffer(capacity: 256)

    init(
        _ options: CheckOptions,
        _ places: OutputPlaces,
        _ columns: ContactColumns,
        _ lineEnd: LineEnd
    ) throws(Failure) {
        self.options = options
        self.places = places
        self.lineEnd = lineEnd.written
        var isFirst = true
        for (index, name) in columns.names.enumerated() where index != columns.rejectReason {
            if !isFirst { header.append(UInt8(ascii: ",")) }
            isFirst = false
            name.withUnsafeBufferPointer { header.append(csvField: $0) }
        }
        if let path = options.acceptedFile {
            accepted = try FileWriter.create(path, option: "acceptedFile")
            line.append(header.bytes)
            line.append(self.lineEnd)
            try accepted?.append(line.bytes)
            line.removeAll()
        }
        if let path = options.rejectedFile {
            rejected = try FileWriter.create(path, option: "rejectedFile")
            for (index, name) in columns.names.enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                let own = index == columns.phoneNumber ? columns.phoneName : name
                own.withUnsafeBufferPointer { line.append(csvField: $0) }
            }
            if columns.rejectReason == nil {
                line.append(UInt8(ascii: ","))
                line.append(ContactColumns.rejectReasonName)
            }
            line.append(self.lineEnd)
            try rejected?.append(line.bytes)
            line.removeAll()
        }
    }

    var keepsAccepted: Bool { options.acceptedFile != nil || options.splitFile != nil }
    var keepsRejected: Bool { options.rejectedFile != nil }

    // MARK: Rows

    mutating func accept(
        _ reader: borrowing CSVReader,
        _ columns: ContactColumns,
        _ number: PhoneNumber
    ) throws(Failure) {
        guard keepsAccepted else { return }
        line.removeAll()
        var isFirst = true
        // Just as many values as the header has names.
        for index in 0..<columns.names.count where index != columns.rejectReason {
            if !isFirst { line.append(UInt8(ascii: ",")) }
            isFirst = false
            if index == columns.phoneNumber {
                number.append(to: &line)
            } else if index < reader.fieldCount {
                append(reader, index)
            }
        }
        line.append(lineEnd)
        if line.isOutOfMemory { throw Failure.outOfMemory }
        try accepted?.append(line.bytes)
        if options.splitFile != nil { try appendToPiece() }
    }

    mutating func reject(
        _ reader: borrowing CSVReader,
        _ columns: ContactColumns,
        _ reason: Message
    ) throws(Failure) {
        guard keepsRejected else { return }
        line.removeAll()
        // The reason stands under its name, whatever the row lacks; what it has too much follows.
        for index in 0..<columns.names.count {
            if index > 0 { line.append(UInt8(ascii: ",")) }
            if index == columns.rejectReason {
                reason.bytes.withUnsafeBufferPointer { line.append(csvField: $0) }
            } else if index < reader.fieldCount {
                append(reader, index)
            }
        }
        if columns.rejectReason == nil {
            line.append(UInt8(ascii: ","))
            reason.bytes.withUnsafeBufferPointer { line.append(csvField: $0) }
        }
        if reader.fieldCount > columns.names.count {
            for index in columns.names.count..<reader.fieldCount {
                line.append(UInt8(ascii: ","))
                append(reader, index)
            }
        }
        line.append(lineEnd)
        if line.isOutOfMemory { throw Failure.outOfMemory }
        try rejected?.append(line.bytes)
    }

    private mutating func append(_ reader: borrowing CSVReader, _ index: Int) {
        switch reader.field(index).quoting {
        case .none
        where !reader.hasInnerQuotes && reader.delimiter == UInt8(ascii: ","):
            line.append(reader.rawText(index))
        case .none:
            line.append(csvField: reader.rawText(index))
        case .quoted, .doubled:
            line.append(UInt8(ascii: "\""))
            line.append(reader.rawText(index))
            line.append(UInt8(ascii: "\""))
        case .malformed:
            var text = ByteBuffer(capacity: reader.rawText(index).count)
            reader.appendText(index, to: &text)
            line.append(csvField: text.bytes)
        }
    }

    private mutating func appendToPiece() throws(Failure) {
        let isFull = pieceBytes + line.count > ContactFile.largestUpload
        if isFull || pieceRows == options.splitRows ?? -1 { try endPiece() }
        if piece == nil { try beginPiece() }
        try piece?.append(line.bytes)
        pieceBytes += line.count
        pieceRows += 1
    }

    private mutating func beginPiece() throws(Failure) {
        guard let splitFile = options.splitFile else { return }
        let path = try places.piece(pieces.count + 1, of: splitFile)
        var writer = try FileWriter.create(path, option: "splitFile")
        try writer.append(header.bytes)
        try writer.append(lineEnd.bytes)
        piece = consume writer
        pieces.append(path)
        pieceRows = 0
        pieceBytes = header.count + lineEnd.utf8CodeUnitCount
    }

    private mutating func endPiece() throws(Failure) {
        if let file = try piece?.complete() { complete.add(file) }
        piece = nil
    }

    /// Moves the files to their places, when none of them can fail any more.
    mutating func commit() throws(Failure) {
        if let file = try accepted?.complete() { complete.add(file) }
        if let file = try rejected?.complete() { complete.add(file) }
        try endPiece()
        try complete.commit()
    }
}
