import CTrillet

/// Where the text of a CSV file comes from: memory, or a file read piece by piece.
struct CSVSource: ~Copyable {
    private let text: Bytes
    private let descriptor: Int32
    private var offset = 0
    /// Learns what is read.
    private let fingerprint: FileFingerprint?
    /// How many bytes there are in all.
    let size: Int
    private(set) var encoding = TextEncoding.utf8
    /// Text in another encoding, between what is stored and what is read.
    private var decoder: TextDecoder?

    /// Text that the caller keeps.
    init(text: Bytes) {
        self.text = text
        descriptor = -1
        fingerprint = nil
        size = text.count
    }

    init(path: [UInt8], fingerprint: FileFingerprint? = nil) throws(Failure) {
        var identity = shim_file_identity()
        let descriptor = CPath.with(path) { shim_file_open($0, &identity) }
        guard descriptor >= 0 else { throw FileFailure.of(path, .read, errno: -descriptor) }
        text = .empty
        self.descriptor = descriptor
        self.fingerprint = fingerprint
        size = Int(identity.size)
    }

    deinit {
        shim_descriptor_close(descriptor)
    }

    /// Reads on, in UTF-8; 0 at the end.
    mutating func read(
        into buffer: UnsafeMutablePointer<UInt8>,
        count: Int
    ) throws(Failure) -> Int {
        guard decoder != nil else { return try readStored(into: buffer, count: count) }
        while true {
            if let produced = decoder?.decode(into: buffer, count: count), produced > 0 {
                return produced
            }
            guard try refillDecoder() else {
                return decoder?.finish(into: buffer) ?? 0
            }
        }
    }

    /// What is stored, as it is.
    private mutating func readStored(
        into buffer: UnsafeMutablePointer<UInt8>,
        count: Int
    ) throws(Failure) -> Int {
        if descriptor < 0 {
            let piece = text.slice(offset, offset + count)
            if let start = piece.baseAddress { shim_copy(buffer, start, piece.count) }
            offset += piece.count
            return piece.count
        }
        let got = shim_file_read(descriptor, buffer, count)
        guard got >= 0 else { throw CSVSource.unreadable(Int32(-got)) }
        offset += Int(got)
        try fingerprint?.note(Bytes(start: buffer, count: Int(got)), from: descriptor)
        return Int(got)
    }

    private static func unreadable(_ errno: Int32) -> Failure {
        Failure.invalidArgument(
            "The file could not be read to its end: \(FileFailure.reason(errno))",
            field: "file"
        )
    }

    // MARK: Other encodings

    /// Finds out how the text is encoded, and reads it so from the beginning.
    mutating func recognizeEncoding() throws(Failure) {
        guard var search = EncodingSearch() else { throw Failure.outOfMemory }
        while try search.note(readStored(into: search.free, count: search.room)) {}
        let found = search.result
        offset = 0
        if descriptor >= 0 {
            let problem = shim_file_rewind(descriptor)
            guard problem == 0 else { throw CSVSource.unreadable(problem) }
        }
        encoding = found
        guard found != .utf8 else { return }
        guard let made = TextDecoder(found) else { throw Failure.outOfMemory }
        decoder = consume made
    }

    private mutating func refillDecoder() throws(Failure) -> Bool {
        guard let free = decoder?.makeRoom() else { return false }
        let got = try readStored(into: free.start, count: free.count)
        decoder?.add(got)
        return got > 0
    }
}
