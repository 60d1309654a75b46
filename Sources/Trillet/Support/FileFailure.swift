import CTrillet

/// What is told of a file that could not be used.
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

    private static func reason(_ errno: Int32, _ use: Use) -> Message {
        switch use {
        case .read, .send: reason(errno)
        case .write: Message(Bytes(text: shim_write_error_text(errno)))
        }
    }

    static func reason(_ errno: Int32) -> Message {
        Message(Bytes(text: shim_error_text(errno)))
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
