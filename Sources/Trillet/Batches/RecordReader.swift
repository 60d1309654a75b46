import CTrillet

/// Reads a file of results record by record, and knows which one was cut off.
struct RecordReader: ~Copyable {
    private let descriptor: Int32
    private let path: [UInt8]
    /// Whether a line end between quotes belongs to the record.
    private let hasQuotes: Bool
    private var buffer = ByteBuffer()
    /// Where in the file the buffer begins, and where in the buffer the next record does.
    private var bufferStart = 0
    private var next = 0
    private var isAtEnd = false
    private var chunk = ByteBuffer(capacity: RecordReader.chunkSize)

    /// Of the record that was read last.
    private(set) var line = 0
    private var nextLine = 1
    /// Where the record begins in the file and where the next one does.
    private(set) var start = 0
    private(set) var end = 0
    /// Whether its line end is there.
    private(set) var isWhole = false

    private static let chunkSize = 64 * 1024
    /// No call has that much to say: a longer one is no file of ours.
    private static let longestRecord = 64 * 1024 * 1024

    init(_ descriptor: Int32, path: [UInt8], format: ResultFormat) {
        self.descriptor = descriptor
        self.path = path
        hasQuotes = format == .csv
    }

    /// The next record without its line end, there until the one after it is read; nil at the end.
    mutating func read() throws(Failure) -> Bytes? {
        var offset = next
        var isInQuotes = false
        var lines = 0
        while true {
            let bytes = buffer.bytes
            while offset < bytes.count {
                let byte = bytes[offset]
                offset += 1
                if hasQuotes, byte == UInt8(ascii: "\"") { isInQuotes.toggle() }
                guard byte == UInt8(ascii: "\n") else { continue }
                lines += 1
                if !isInQuotes { return finish(at: offset, lines: lines, isWhole: true) }
            }
            if isAtEnd {
                return offset == next ? nil : finish(at: offset, lines: lines, isWhole: false)
            }
            offset -= next
            try fill()
        }
    }

    private mutating func finish(at offset: Int, lines: Int, isWhole: Bool) -> Bytes {
        let record = buffer.bytes.slice(next, offset - (isWhole ? 1 : 0))
        start = bufferStart + next
        end = bufferStart + offset
        next = offset
        line = nextLine
        nextLine += lines
        self.isWhole = isWhole
        // A spreadsheet may have written the file anew.
        let hasReturn = isWhole && record.count > 0 && record[record.count - 1] == 0x0D
        return hasReturn ? record.slice(0, record.count - 1) : record
    }

    /// Moves what has not been read to the front, and reads behind it.
    private mutating func fill() throws(Failure) {
        var rest = ByteBuffer(capacity: buffer.count - next + RecordReader.chunkSize)
        rest.append(buffer.bytes.slice(next, buffer.count))
        bufferStart += next
        next = 0
        guard rest.count < RecordReader.longestRecord else {
            throw Failure.invalidArgument(
                "Line \(nextLine) of the file '\(Message(path))' is too long for a result",
                field: "file"
            )
        }
        let offset = Int64(bufferStart + rest.count)
        let got = shim_append_read(descriptor, chunk.start, RecordReader.chunkSize, offset)
        guard got >= 0 else { throw FileFailure.of(path, .read, errno: Int32(-got)) }
        rest.append(Bytes(start: chunk.start, count: Int(got)))
        if rest.isOutOfMemory || chunk.start == nil { throw Failure.outOfMemory }
        isAtEnd = got == 0
        buffer = rest
    }
}

/// The fields of one record.
enum CSVRecord {
    static func fields(of record: Bytes) -> [[UInt8]] {
        var fields: [[UInt8]] = []
        var field: [UInt8] = []
        var isInQuotes = false
        var isBehindQuote = false
        for byte in record {
            if byte == UInt8(ascii: "\"") {
                // The second of two quotes stands for one.
                if isBehindQuote { field.append(byte) }
                isBehindQuote = isInQuotes
                isInQuotes.toggle()
                continue
            }
            isBehindQuote = false
            if byte == UInt8(ascii: ","), !isInQuotes {
                fields.append(field)
                field = []
            } else {
                field.append(byte)
            }
        }
        fields.append(field)
        return fields
    }
}
