import CTrillet

/// A file to send, as it was when the call was checked. No descriptor is kept: ten thousand calls may
/// wait for their turn.
struct UploadFile {
    let path: [UInt8]
    let identity: shim_file_identity
    /// What it held, where its content was checked.
    var fingerprint: FileFingerprint?

    init(path: [UInt8]) throws(Failure) {
        self.path = path
        var identity = shim_file_identity()
        let descriptor = try UploadFile.open(path, &identity)
        shim_descriptor_close(descriptor)
        self.identity = identity
    }

    /// What the file is sent as where the caller gives no name.
    var name: [UInt8] {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return path }
        return Array(path[(slash + 1)...])
    }

    /// Opens it for an attempt. Throws when it is not what was checked any more.
    func stream() throws(Failure) -> UploadStream {
        var now = shim_file_identity()
        let descriptor = try UploadFile.open(path, &now)
        if let difference = difference(now) {
            shim_descriptor_close(descriptor)
            throw UploadFile.failure(
                """
                The file '\(Message(path))' has changed since it was checked: \(difference). This \
                attempt sent nothing of it; make the call again
                """
            )
        }
        let upload = shim_upload_new(descriptor, identity.size, fingerprint?.print)
        guard let upload else { throw Failure.outOfMemory }
        let stream = UploadStream(path: path, upload: upload, fingerprint: fingerprint)
        // A file of one block is known to be the right one before a byte of the request goes out.
        if fingerprint != nil, shim_upload_prime(upload) == 0, let problem = stream.problem {
            throw problem
        }
        return stream
    }

    /// What shows that another file, or other content, is there now.
    func difference(_ now: shim_file_identity) -> Message? {
        if now.device != identity.device || now.inode != identity.inode {
            return "another file is in its place"
        }
        if now.size != identity.size {
            return "it had \(Int(identity.size)) bytes and has \(Int(now.size))"
        }
        if now.modified_seconds != identity.modified_seconds
            || now.modified_nanoseconds != identity.modified_nanoseconds
        {
            return "it was written to"
        }
        return nil
    }

    static func failure(_ message: Message) -> Failure {
        Failure.invalidArgument(message, field: "file")
    }

    private static func open(
        _ path: [UInt8],
        _ identity: inout shim_file_identity
    ) throws(Failure) -> Int32 {
        guard !path.isEmpty, !path.contains(0) else {
            throw failure("'file' must be the path of a file")
        }
        let descriptor = CPath.with(path) { shim_file_open($0, &identity) }
        guard descriptor >= 0 else { throw FileFailure.of(path, .send, errno: -descriptor) }
        return descriptor
    }
}

/// The open file of one attempt.
final class UploadStream {
    let upload: OpaquePointer
    private let path: [UInt8]
    private let fingerprint: FileFingerprint?

    fileprivate init(path: [UInt8], upload: OpaquePointer, fingerprint: FileFingerprint?) {
        self.path = path
        self.upload = upload
        self.fingerprint = fingerprint
    }

    deinit {
        shim_upload_free(upload)
    }

    /// Why it could not be sent to its end.
    var problem: Failure? {
        var detail: Int64 = 0
        switch Int(shim_upload_problem(upload, &detail)) {
        case SHIM_UPLOAD_SHORTER:
            return UploadFile.failure(
                """
                The file '\(Message(path))' became \(Int(detail)) bytes shorter while it was sent; \
                the request was ended before it was complete
                """
            )
        case SHIM_UPLOAD_CHANGED:
            return UploadFile.failure(
                """
                The file '\(Message(path))' has changed since it was checked: its content is \
                another one. None of the new content was sent
                """
            )
        case SHIM_UPLOAD_UNREADABLE:
            return UploadFile.failure(
                """
                The file '\(Message(path))' could not be read to its end while it was sent: \
                \(FileFailure.reason(Int32(truncatingIfNeeded: detail)))
                """
            )
        default:
            return nil
        }
    }
}

/// What a file held when it was checked: a sum for each block of it.
final class FileFingerprint {
    fileprivate private(set) var print: OpaquePointer
    /// What the file was when its end had been read.
    private(set) var after: shim_file_identity?

    /// nil when there is no memory.
    init?() {
        guard let print = shim_fingerprint_new() else { return nil }
        self.print = print
    }

    deinit {
        shim_fingerprint_free(print)
    }

    /// Takes what was read of the file, nothing at its end.
    func note(_ bytes: Bytes, from descriptor: Int32) throws(Failure) {
        guard bytes.count > 0, let start = bytes.baseAddress else {
            var identity = shim_file_identity()
            if shim_file_identify(descriptor, &identity) == 0 { after = identity }
            return
        }
        if shim_fingerprint_add(print, start, bytes.count) == 0 { throw Failure.outOfMemory }
    }

    /// To be called when everything was added.
    func end() throws(Failure) {
        guard let ended = shim_fingerprint_end(print) else { throw Failure.outOfMemory }
        print = ended
    }
}
