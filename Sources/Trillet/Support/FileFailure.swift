import CTrillet

/// What is said of a file that could not be used.
enum FileFailure {
    enum Use {
        case read
        case send
        case write

        fileprivate var words: StaticString {
            switch self {
            case .read: "read"
            case .send: "sent"
            case .write: "written"
            }
        }
    }

    static func of(
        _ path: [UInt8],
        _ use: Use,
        errno: Int32,
        field: Message = "file"
    ) -> Failure {
        Failure.invalidArgument(
            "The file '\(Message(path))' cannot be \(use.words): \(reason(errno, use))",
            field: field
        )
    }

    static func reason(_ errno: Int32, _ use: Use = .read) -> Message {
        let ofWriting = use == .write ? reasonNotToWrite(errno) : nil
        return Message(stringLiteral: ofWriting ?? reason(errno))
    }

    private static func reasonNotToWrite(_ errno: Int32) -> StaticString? {
        switch errno {
        case ENOENT: "there is no such folder"
        case EACCES, EPERM: "this process may not write there"
        case ENXIO: "nobody reads from it; start its reader first"
        case EPIPE: "its reader has gone"
        case EBADF: "that descriptor is not open for writing"
        case Int32(SHIM_FILE_OF_ANOTHER):
            "it belongs to another user; remove it first, or choose another path"
        case Int32(SHIM_FILE_IS_DISK): "it is a disk, which would be overwritten"
        default: nil
        }
    }

    private static func reason(_ errno: Int32) -> StaticString {
        switch errno {
        case ENOENT: "there is no such file"
        case ENOTDIR: "a part of the path is not a directory"
        case EACCES, EPERM: "this process may not read it"
        case EISDIR: "it is a directory"
        case EINVAL: "it is not a regular file"
        case ELOOP: "too many symbolic links"
        case ENAMETOOLONG: "the path is too long"
        case EEXIST: "it exists already"
        case ENOSPC, EDQUOT: "there is no space left for it"
        case EROFS: "the file system is read-only"
        case EFBIG: "it would be too large"
        case EIO: "the disk reports an error"
        case EMFILE, ENFILE: "no file descriptor is free"
        default: "it cannot be opened"
        }
    }
}

/// A path as C takes it.
enum CPath {
    static func with<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
        var buffer = ByteBuffer(capacity: path.count + 1)
        buffer.append(path)
        return body(buffer.terminated())
    }
}
