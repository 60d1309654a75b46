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

    /// Reads on; 0 at the end.
    mutating func read(
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
        guard got >= 0 else {
            throw Failure.invalidArgument(
                "The file could not be read to its end: \(FileFailure.reason(Int32(-got)))",
                field: "file"
            )
        }
        offset += Int(got)
        try fingerprint?.note(Bytes(start: buffer, count: Int(got)), from: descriptor)
        return Int(got)
    }
}
