import CTrillet

/// Writes a file beside its place and moves it there when it is complete: nobody sees half of it.
struct FileWriter: ~Copyable {
    let path: [UInt8]
    private let option: Message
    private let temporary: [UInt8]
    private let descriptor: Int32
    private var buffer = ByteBuffer(capacity: FileWriter.bufferSize + 4096)
    private(set) var count = 0
    private var isComplete = false

    private static let bufferSize = 64 * 1024

    /// `option` is the name that the caller gave the path under.
    static func create(_ path: [UInt8], option: Message) throws(Failure) -> FileWriter {
        // A folder cannot be replaced, which would only show when all is written.
        let problem = CPath.with(path) { shim_file_check_place($0) }
        guard problem == 0 else {
            throw FileFailure.of(path, .write, errno: problem, field: option)
        }
        let process = Int(shim_process_id())
        let moment = Int(shim_monotonic_microseconds())
        let suffix: Message = ".\(process).\(moment).part"
        let temporary = path + suffix.bytes
        let descriptor = CPath.with(temporary) { shim_file_create($0) }
        guard descriptor >= 0 else {
            throw FileFailure.of(path, .write, errno: -descriptor, field: option)
        }
        return FileWriter(path: path, option: option, temporary: temporary, descriptor: descriptor)
    }

    private init(path: [UInt8], option: Message, temporary: [UInt8], descriptor: Int32) {
        self.path = path
        self.option = option
        self.temporary = temporary
        self.descriptor = descriptor
    }

    deinit {
        shim_descriptor_close(descriptor)
        if !isComplete { CPath.with(temporary) { shim_file_remove($0) } }
    }

    mutating func append(_ bytes: Bytes) throws(Failure) {
        buffer.append(bytes)
        count += bytes.count
        if buffer.count >= FileWriter.bufferSize { try flush() }
    }

    /// Moves the file to its place.
    mutating func commit() throws(Failure) {
        try complete().commit()
    }

    /// Brings everything to the disk. Who calls this commits or removes what is returned.
    mutating func complete() throws(Failure) -> CompleteFile {
        try flush()
        let problem = shim_file_flush(descriptor)
        guard problem == 0 else {
            throw FileFailure.of(path, .write, errno: problem, field: option)
        }
        isComplete = true
        return CompleteFile(path: path, option: option, temporary: temporary)
    }

    private mutating func flush() throws(Failure) {
        if buffer.isOutOfMemory { throw Failure.outOfMemory }
        let problem = shim_file_write(descriptor, buffer.start, buffer.count)
        guard problem == 0 else {
            throw FileFailure.of(path, .write, errno: problem, field: option)
        }
        buffer.removeAll()
    }
}

/// A file that is written but not in its place.
struct CompleteFile {
    let path: [UInt8]
    fileprivate let option: Message
    fileprivate let temporary: [UInt8]

    func commit() throws(Failure) {
        let problem = CPath.with(temporary) { from in
            CPath.with(path) { to in shim_file_move(from, to) }
        }
        guard problem == 0 else {
            remove()
            throw FileFailure.of(path, .write, errno: problem, field: option)
        }
    }

    func remove() {
        CPath.with(temporary) { shim_file_remove($0) }
    }
}

/// Files that take their places together, once all of them are complete.
struct CompleteFiles: ~Copyable {
    private var files: [CompleteFile] = []
    private var committed = 0

    deinit {
        for file in files[committed...] { file.remove() }
    }

    mutating func add(_ file: CompleteFile) { files.append(file) }

    mutating func commit() throws(Failure) {
        while committed < files.count {
            let file = files[committed]
            committed += 1
            try file.commit()
        }
    }
}
