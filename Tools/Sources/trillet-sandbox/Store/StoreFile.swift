import Glibc

/// The file that a running server keeps everything in, known again by its device and inode.
///
/// SQLite goes on writing into a file that somebody has deleted or put another in place of: every
/// answer would say "stored", and nothing would be there after the end.
struct StoreFile: Sendable {
    private struct Identity: Equatable, Sendable {
        let device: UInt
        let inode: UInt

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
        }
    }

    let path: String
    private let parts: [(path: String, identity: Identity?)]

    /// - Parameter path: of a database that is open, with its journal.
    init(path: String) {
        self.path = path
        parts = [path, path + "-wal"].map { ($0, Identity($0)) }
    }

    var isInPlace: Bool {
        parts.allSatisfy { $0.identity == nil || Identity($0.path) == $0.identity }
    }

    /// - Parameter nothingStored: whether it is known that nothing has been written.
    func failure(nothingStored: Bool) -> Failure {
        Failure(
            status: .serviceUnavailable,
            title: "Service unavailable",
            detail: (nothingStored
                ? "Nothing was stored: " : "It is not known what was stored: ")
                + "the sandbox's database \(path) was deleted or replaced; start the sandbox again",
            code: "unavailable"
        )
    }
}
