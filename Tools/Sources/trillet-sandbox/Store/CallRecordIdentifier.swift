import GRDB

/// The id of a call's record in the history, which is not the call's own. It is computed, so that it
/// takes no column and no index: eight digits of the time, sixteen of the row's scrambled number.
extension CallRecord {
    private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    /// The number that undoes the factor.
    private static let inverse: UInt64 = {
        var inverse: UInt64 = 1
        // Each round doubles the bits that are right.
        for _ in 0..<6 { inverse = inverse &* (2 &- factor &* inverse) }
        return inverse
    }()

    var recordId: String {
        let time = String(UInt32(truncatingIfNeeded: createdAt / 1_000), radix: 16)
        let number = String(UInt64(bitPattern: sequence ?? 0) &* CallRecord.factor, radix: 16)
        return String(repeating: "0", count: 8 - time.count) + time
            + String(repeating: "0", count: 16 - number.count) + number
    }

    /// The row that a record's id names; `nil` when it is the id of no record.
    static func sequence(ofRecordId id: String) -> Int64? {
        guard id.utf8.count == 24, let number = UInt64(id.dropFirst(8), radix: 16) else {
            return nil
        }
        let sequence = Int64(bitPattern: number &* inverse)
        return sequence > 0 ? sequence : nil
    }

    static func find(recordId id: String, workspace: String, _ database: Database) throws
        -> CallRecord?
    {
        guard let sequence = sequence(ofRecordId: id) else { return nil }
        let call = try fetchOne(
            database,
            cached: "SELECT * FROM call WHERE sequence = ? AND workspaceId = ?",
            arguments: [sequence, workspace]
        )
        return call?.recordId == id ? call : nil
    }
}
