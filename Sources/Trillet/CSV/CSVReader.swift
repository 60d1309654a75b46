import CTrillet

/// Reads the records of a CSV file (RFC 4180) one by one, in constant memory.
///
/// What is not RFC 4180 is read as Python's `csv` and spreadsheets do, and marked: nothing of it is
/// lost. A record is there until the next is read.
struct CSVReader: ~Copyable {
    private var source: CSVSource
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Where what was read ends.
    private var end = 0
    private var isAtEnd = false
    /// Where the next record begins.
    private var next = 0

    private var fieldStore: UnsafeMutablePointer<CSVField>
    private var fieldCapacity: Int
    private var isOutOfMemory = false
    private(set) var fieldCount = 0

    private var recordStart = 0
    private var recordEnd = 0
    private(set) var hasBOM = false
    /// Of the record, counted from 1, as an editor counts them.
    private(set) var line = 0
    private var nextLine = 1
    /// The record has bytes beyond ASCII, or next to it there are some.
    private(set) var mayHaveCharactersBeyondASCII = false
    private(set) var hasControlCharacters = false
    private(set) var isMalformed = false
    /// The file ends within a quoted field.
    private(set) var isUnclosed = false
    /// A quote stands inside a field that does not begin with it.
    private(set) var hasInnerQuotes = false
    /// Between two fields; to be set before the first record is read.
    var delimiter = UInt8(ascii: ",")

    // The block of 64 bytes being looked at.
    private var blockStart = 0
    /// Those of the block that have not been looked at.
    private var stops: UInt64 = 0
    private var blockIsASCII = true
    private var hasBlock = false

    /// What a block may read behind the end.
    private static let padding = 64
    private static let usualCapacity = 128 * 1024
    /// A longer record is a quote that was never closed.
    static let longestRecord = 1024 * 1024

    static func open(_ source: consuming CSVSource) throws(Failure) -> CSVReader {
        let fieldCapacity = 64
        guard let block = shim_reallocate(nil, usualCapacity + padding) else {
            throw Failure.outOfMemory
        }
        guard let fields = shim_reallocate(nil, fieldCapacity * MemoryLayout<CSVField>.stride)
        else {
            shim_deallocate(block)
            throw Failure.outOfMemory
        }
        var reader = CSVReader(
            source,
            block.assumingMemoryBound(to: UInt8.self),
            fields.bindMemory(to: CSVField.self, capacity: fieldCapacity),
            fieldCapacity
        )
        try reader.fill()
        reader.skipBOM()
        return reader
    }

    private init(
        _ source: consuming CSVSource,
        _ buffer: UnsafeMutablePointer<UInt8>,
        _ fields: UnsafeMutablePointer<CSVField>,
        _ fieldCapacity: Int
    ) {
        self.source = source
        self.buffer = buffer
        capacity = CSVReader.usualCapacity
        fieldStore = fields
        self.fieldCapacity = fieldCapacity
    }

    private mutating func skipBOM() {
        guard end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF else { return }
        hasBOM = true
        next = 3
    }

    deinit {
        shim_deallocate(buffer)
        shim_deallocate(fieldStore)
    }

    /// How many bytes the source has, as it is stored.
    var size: Int { source.size }
    var encoding: TextEncoding { source.encoding }

    /// The beginning of the text, for telling what kind of file it is.
    var opening: Bytes { Bytes(start: buffer, count: end) }

    // MARK: The record

    /// The record as it is written, without its line end.
    var record: Bytes { Bytes(start: buffer + recordStart, count: recordEnd - recordStart) }

    /// Where the record begins; places of fields count from the same beginning.
    var recordOffset: Int { recordStart }

    /// How many bytes the record takes in the file.
    var recordSize: Int { next - recordStart }

    /// Of this record, LF where it has none.
    var lineEnd: LineEnd {
        guard recordEnd < next, buffer[recordEnd] == UInt8(ascii: "\r") else { return .lf }
        return next - recordEnd == 2 ? .crlf : .cr
    }

    /// How many lines behind its first one the record takes.
    var furtherLines: Int {
        guard recordEnd > recordStart else { return 0 }
        let last = buffer[next - 1]
        let endsLine = last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r")
        return nextLine - line - (endsLine ? 1 : 0)
    }

    func field(_ index: Int) -> CSVField { fieldStore[index] }

    /// The field as it is written between its quotes.
    @_optimize(speed)
    func rawText(_ index: Int) -> Bytes {
        let field = fieldStore[index]
        return Bytes(start: buffer + field.start, count: field.end - field.start)
    }

    /// What the field says.
    func appendText(_ index: Int, to text: inout ByteBuffer) {
        fieldStore[index].quoting.append(rawText(index), to: &text)
    }

    // MARK: Reading

    /// Reads the next record; false at the end.
    @_optimize(speed)
    mutating func readRecord() throws(Failure) -> Bool {
        if next >= end {
            try refill()
            if next >= end { return false }
        }
        while true {
            let isWhole = readBufferedRecord()
            if isOutOfMemory { throw Failure.outOfMemory }
            if isWhole { return true }
            try refill()
        }
    }

    /// False when the buffer ends inside the record: it is read again once there is more.
    @_optimize(speed)
    private mutating func readBufferedRecord() -> Bool {
        recordStart = next
        fieldCount = 0
        line = nextLine
        isMalformed = false
        isUnclosed = false
        hasControlCharacters = false
        hasInnerQuotes = false
        var linesInside = 0
        var fieldStart = next
        if hasBlock {
            mayHaveCharactersBeyondASCII = !blockIsASCII
        } else {
            mayHaveCharactersBeyondASCII = false
            enterBlock(at: next)
        }
        while true {
            guard let position = nextStop() else {
                guard isAtEnd else { return false }
                addField(fieldStart, end, .none)
                return finishRecord(at: end, next: end, lines: linesInside)
            }
            let byte = buffer[position]
            if byte == delimiter {
                addField(fieldStart, position, .none)
                fieldStart = position + 1
            } else if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                guard let after = endOfLine(position) else { return false }
                addField(fieldStart, position, .none)
                return finishRecord(at: position, next: after, lines: linesInside + 1)
            } else if byte == UInt8(ascii: "\"") {
                // Inside a field it is an ordinary character.
                if position != fieldStart {
                    hasInnerQuotes = true
                    continue
                }
                guard let close = readQuoted(from: position, &linesInside) else { return false }
                if close >= end {
                    hasBlock = false
                    return finishRecord(at: end, next: end, lines: linesInside)
                }
                if buffer[close] == delimiter {
                    fieldStart = close + 1
                    if !stayInBlock(at: fieldStart) { enterBlock(at: fieldStart) }
                } else {
                    guard let after = endOfLine(close) else { return false }
                    hasBlock = stayInBlock(at: after)
                    return finishRecord(at: close, next: after, lines: linesInside + 1)
                }
            } else {
                hasControlCharacters = true
            }
        }
    }

    @_optimize(speed)
    private mutating func finishRecord(at end: Int, next: Int, lines: Int) -> Bool {
        recordEnd = end
        self.next = next
        nextLine += lines
        return true
    }

    /// Reads the quoted field that begins here; returns where the comma, the line end or the end of
    /// the text behind it is, nil when there must be more text to know.
    @_optimize(speed)
    private mutating func readQuoted(from quote: Int, _ lines: inout Int) -> Int? {
        var quoting = CSVField.Quoting.quoted
        var position = quote + 1
        var isInside = true
        var close = position
        while true {
            guard position < end else {
                guard isAtEnd else { return nil }
                if isInside {
                    quoting = .malformed
                    isUnclosed = true
                }
                break
            }
            let byte = buffer[position]
            if byte >= 0x80 { mayHaveCharactersBeyondASCII = true }
            if isInside {
                if byte == UInt8(ascii: "\"") {
                    guard position + 1 < end || isAtEnd else { return nil }
                    if position + 1 < end, buffer[position + 1] == byte {
                        if quoting == .quoted { quoting = .doubled }
                        position += 1
                    } else {
                        isInside = false
                        close = position
                    }
                } else if byte < 0x20 {
                    noteControl(byte, at: position, &lines)
                }
            } else if byte == delimiter || byte == UInt8(ascii: "\n")
                || byte == UInt8(ascii: "\r")
            {
                break
            } else {
                quoting = .malformed
            }
            position += 1
        }
        if quoting == .malformed {
            isMalformed = true
            addField(quote, min(position, end), .malformed)
        } else {
            addField(quote + 1, close, quoting)
        }
        return position
    }

    private mutating func noteControl(_ byte: UInt8, at position: Int, _ lines: inout Int) {
        switch byte {
        case UInt8(ascii: "\n"): lines += 1
        case UInt8(ascii: "\r"):
            if position + 1 >= end || buffer[position + 1] != UInt8(ascii: "\n") { lines += 1 }
        case UInt8(ascii: "\t"): break
        default: hasControlCharacters = true
        }
    }

    /// Where the next line begins; nil when there must be more text to know.
    @_optimize(speed)
    private mutating func endOfLine(_ position: Int) -> Int? {
        if buffer[position] == UInt8(ascii: "\n") { return position + 1 }
        guard position + 1 < end else { return isAtEnd ? position + 1 : nil }
        return buffer[position + 1] == UInt8(ascii: "\n") ? position + 2 : position + 1
    }

    @_optimize(speed)
    private mutating func addField(_ start: Int, _ end: Int, _ quoting: CSVField.Quoting) {
        if fieldCount == fieldCapacity { growFields() }
        if isOutOfMemory { return }
        (fieldStore + fieldCount).initialize(
            to: CSVField(start: start, end: end, quoting: quoting)
        )
        fieldCount += 1
    }

    private mutating func growFields() {
        let larger = fieldCapacity * 2
        guard let block = shim_reallocate(fieldStore, larger * MemoryLayout<CSVField>.stride) else {
            isOutOfMemory = true
            return
        }
        fieldStore = block.bindMemory(to: CSVField.self, capacity: larger)
        fieldCapacity = larger
    }

    // MARK: Blocks of 64 bytes

    @_optimize(speed)
    private mutating func enterBlock(at position: Int) {
        blockStart = position
        hasBlock = true
        loadBlock()
    }

    /// Goes on in the block behind what was read without it; false when that is in another one.
    private mutating func stayInBlock(at position: Int) -> Bool {
        let passed = position - blockStart
        guard passed < 64 else { return false }
        stops &= UInt64.max << UInt64(passed)
        return true
    }

    @_optimize(speed)
    private mutating func loadBlock() {
        let marks = shim_csv_scan(buffer + blockStart, delimiter)
        let available = end - blockStart
        let valid = available >= 64 ? UInt64.max : (UInt64(1) << UInt64(max(0, available))) - 1
        stops = marks.stops & valid
        blockIsASCII = marks.beyond_ascii & valid == 0
        if !blockIsASCII { mayHaveCharactersBeyondASCII = true }
    }

    /// The next byte that a record may end at, nil when the buffer ends before.
    @_optimize(speed)
    private mutating func nextStop() -> Int? {
        while true {
            while stops == 0 {
                blockStart += 64
                if blockStart >= end { return nil }
                loadBlock()
            }
            let position = blockStart + stops.trailingZeroBitCount
            stops &= stops - 1
            // The second half of a line end was read with the first.
            if position >= recordStart { return position }
        }
    }

    // MARK: More text

    /// Moves what has not been read to the front, and reads behind it.
    private mutating func refill() throws(Failure) {
        if isAtEnd { return }
        hasBlock = false
        let rest = end - next
        if next > 0 {
            if rest > 0 { shim_move(buffer, buffer + next, rest) }
            next = 0
            end = rest
            blockStart = 0
        }
        if end == capacity { try grow() }
        try fill()
    }

    private mutating func grow() throws(Failure) {
        guard capacity < CSVReader.longestRecord else {
            throw Failure.csv(
                "quote",
                """
                The row that begins in line \(nextLine) is longer than \(CSVReader.longestRecord) \
                bytes; a quote in it is probably never closed
                """
            )
        }
        guard let block = shim_reallocate(buffer, capacity * 2 + CSVReader.padding) else {
            throw Failure.outOfMemory
        }
        buffer = block.assumingMemoryBound(to: UInt8.self)
        capacity *= 2
    }

    private mutating func fill() throws(Failure) {
        while end < capacity, !isAtEnd {
            let got = try source.read(into: buffer + end, count: capacity - end)
            if got == 0 { isAtEnd = true }
            end += got
        }
    }
}
