extension CSVReader {
    /// How many records there are if all are like those at the beginning.
    func expectedRecords(shortest: Int) -> Int {
        var lines = 0
        for byte in opening where byte == UInt8(ascii: "\n") { lines += 1 }
        guard lines > 0 else { return 64 }
        let expected = Int(Double(size) / Double(opening.count) * Double(lines))
        return min(expected, size / shortest) + 64
    }
}
