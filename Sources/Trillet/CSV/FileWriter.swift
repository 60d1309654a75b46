import CTrillet

/// Writes a file beside its place and moves it there when it is complete: nobody sees half of it. What
/// is no file, a device or a FIFO, is written to as it comes.
struct FileWriter: ~Copyable {
    private let output: Output
    private let descriptor: Int32
    private var buffer = ByteBuffer(capacity: FileWriter.bufferSize + 4096)
    private(set) var count = 0
    private var isComplete = false

    private static let bufferSize = 64 * 1024

    /// `option` is the name that the caller gave the path under.
    static func create(_ path: [UInt8], option: Message) throws(Failure) -> FileWriter {
        var own: Int32 = -1
        guard let found = CPath.with(path, { shim_output_place($0, &own) }) else {
            throw Output(path: path, option: option, place: path).failure(own)
        }
        let place = Array(Bytes(text: found))
        shim_deallocate(found)
        var output = Output(path: path, option: option, place: place)
        var stream: Int32 = -1
        let kind = CPath.with(place) { shim_output_stream($0, own, &stream) }
        guard kind >= 0 else { throw output.failure(-kind) }
        if kind > 0 {
            output.isStream = true
            return FileWriter(output, stream)
        }
        let process = Int(shim_process_id())
        let moment = Int(shim_monotonic_microseconds())
        let suffix: Message = ".\(process).\(moment).part"
        output.temporary = place + suffix.bytes
        var rewrites: Int32 = 0
        let descriptor = CPath.with(output.temporary) { temporary in
            CPath.with(place) { shim_output_create(temporary, $0, &rewrites) }
        }
        guard descriptor >= 0 else { throw output.failure(-descriptor) }
        output.rewrites = rewrites != 0
        return FileWriter(output, descriptor)
    }

    private init(_ output: Output, _ descriptor: Int32) {
        self.output = output
        self.descriptor = descriptor
    }

    deinit {
        shim_descriptor_close(descriptor)
        if !isComplete { output.remove() }
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
    mutating func complete() throws(Failure) -> Output {
        try flush()
        let problem = output.isStream ? 0 : shim_file_flush(descriptor)
        guard problem == 0 else { throw output.failure(problem) }
        isComplete = true
        return output
    }

    private mutating func flush() throws(Failure) {
        if buffer.isOutOfMemory { throw Failure.outOfMemory }
        let problem =
            output.isStream
            ? shim_stream_write(descriptor, buffer.start, buffer.count)
            : shim_file_write(descriptor, buffer.start, buffer.count)
        guard problem == 0 else { throw output.failure(problem) }
        buffer.removeAll()
    }
}

/// Where a file is written, and how it gets to its place.
struct Output {
    let path: [UInt8]
    fileprivate let option: Message
    /// Behind all symbolic links.
    fileprivate let place: [UInt8]
    fileprivate var temporary: [UInt8] = []
    fileprivate var isStream = false
    /// The file there must stay the one that it is.
    fileprivate var rewrites = false

    fileprivate init(path: [UInt8], option: Message, place: [UInt8]) {
        self.path = path
        self.option = option
        self.place = place
    }

    func commit() throws(Failure) {
        if isStream { return }
        let problem = CPath.with(temporary) { from in
            CPath.with(place) { to in shim_output_commit(from, to, rewrites ? 1 : 0) }
        }
        guard problem == 0 else {
            remove()
            throw failure(problem)
        }
    }

    func remove() {
        if !isStream { CPath.with(temporary) { shim_file_remove($0) } }
    }

    fileprivate func failure(_ errno: Int32) -> Failure {
        FileFailure.of(path, .write, errno: errno, field: option)
    }
}

/// Files that take their places together, once all of them are complete.
struct CompleteFiles: ~Copyable {
    private var files: [Output] = []
    private var committed = 0

    deinit {
        for file in files[committed...] { file.remove() }
    }

    mutating func add(_ file: Output) { files.append(file) }

    mutating func commit() throws(Failure) {
        while committed < files.count {
            let file = files[committed]
            committed += 1
            try file.commit()
        }
    }
}
