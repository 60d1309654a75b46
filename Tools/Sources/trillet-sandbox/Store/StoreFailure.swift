import GRDB

/// Turns what the database refuses into an answer that says what to do.
enum StoreFailure {
    /// A ``Failure`` 503 for a database that is full, locked or read-only, or whose disk fails;
    /// any other error as it is.
    static func translated(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError, let reason = reason(error.resultCode) else {
            return error
        }
        return Failure(
            status: .serviceUnavailable,
            title: "Service unavailable",
            detail: (isCertain(error)
                ? "Nothing was stored: " : "It is not known what was stored: ")
                + "\(reason) (SQLite: \(error.message ?? "no message"))",
            code: "unavailable",
            headers: isCertain(error) ? [.retryAfter: "1"] : [:]
        )
    }

    private static func reason(_ code: ResultCode) -> String? {
        switch code {
        case .SQLITE_FULL: "the disk of the sandbox's database is full"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another program has locked the sandbox's database"
        case .SQLITE_READONLY: "the sandbox's database is read-only"
        case .SQLITE_CANTOPEN: "the sandbox's database cannot be opened any more"
        case .SQLITE_IOERR: "the disk of the sandbox's database does not work"
        default: nil
        }
    }

    /// Whether the change is certainly not in the file. After a failed flush it may have got there;
    /// an answer with Retry-After would promise that it has not.
    private static func isCertain(_ error: DatabaseError) -> Bool {
        error.resultCode != .SQLITE_IOERR || error.extendedResultCode == .SQLITE_IOERR_WRITE
    }
}
