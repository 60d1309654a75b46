import FoundationEssentials
import Synchronization

/// A time zone as this machine's zone database describes it (RFC 8536).
struct TimeZoneFile: Sendable {
    private let moments: [Int64]
    /// Seconds east of Greenwich: before the first of ``moments``, and from each of them on.
    private let offsets: [Int]
    /// What holds after the last of ``moments``.
    private let rule: TimeZoneRule?

    private static let folder = "/usr/share/zoneinfo"
    private static let known = Mutex<[String: TimeZoneFile]>([:])

    /// - Returns: `nil` when the database, if there is one, has no zone of this name.
    static func named(_ name: String) -> TimeZoneFile? {
        if let zone = known.withLock({ $0[name] }) { return zone }
        // A name is a path below the folder and leads nowhere else.
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.isEmpty, parts.allSatisfy({ $0.first != "." && !$0.isEmpty }),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let content = try? Data(contentsOf: URL(filePath: "\(folder)/\(name)")),
            let zone = TimeZoneFile(Array(content))
        else { return nil }
        known.withLock { $0[name] = zone }
        return zone
    }

    /// Seconds east of Greenwich at `time`, in Unix seconds.
    func offset(at time: Int64) -> Int {
        if time >= moments.last ?? .min, let rule { return rule.offset(at: time) }
        var (low, high) = (0, moments.count)
        while low < high {
            let middle = (low + high) / 2
            if moments[middle] <= time { low = middle + 1 } else { high = middle }
        }
        return offsets[low]
    }

    init?(_ bytes: [UInt8]) {
        // The first part has 32-bit times, for readers that know no other.
        var reader = Reader(bytes: bytes)
        guard let old = reader.header(), old.version >= UInt8(ascii: "2"),
            reader.skip(old.length(ofTimes: 4)), let header = reader.header(),
            let moments = reader.numbers(header.times, size: 8),
            let kinds = reader.numbers(header.times, size: 1), let start = reader.position(),
            reader.skip(header.length(ofTimes: 8) - header.times * 9)
        else { return nil }
        let offsets = ([0] + kinds).map { kind in
            Int(Reader(bytes: bytes, at: start + Int(kind) * 6).number(size: 4) ?? 0)
        }
        guard header.kinds > 0, kinds.allSatisfy({ $0 < header.kinds }) else { return nil }
        self.moments = moments
        self.offsets = offsets
        rule = TimeZoneRule(reader.line())
    }
}

/// The counts that stand before the tables of a zone file.
private struct ZoneHeader {
    let version: UInt8
    let times: Int
    let kinds: Int
    private let others: (letters: Int, leaps: Int, standard: Int, universal: Int)

    init(version: UInt8, counts: [Int]) {
        self.version = version
        (times, kinds) = (counts[3], counts[4])
        others = (counts[5], counts[2], counts[1], counts[0])
    }

    /// The bytes of the tables, with times of `size` bytes.
    func length(ofTimes size: Int) -> Int {
        times * (size + 1) + kinds * 6 + others.letters + others.leaps * (size + 4)
            + others.standard + others.universal
    }
}

/// Reads big-endian numbers.
private struct Reader {
    private static let magic = Array("TZif".utf8)
    private static let mostEntries: Int64 = 100_000

    let bytes: [UInt8]
    var index = 0

    init(bytes: [UInt8], at index: Int = 0) {
        self.bytes = bytes
        self.index = index
    }

    func position() -> Int? { index <= bytes.count ? index : nil }

    mutating func skip(_ count: Int) -> Bool {
        index += count
        return index <= bytes.count
    }

    mutating func header() -> ZoneHeader? {
        guard bytes.count - index >= 44, Array(bytes[index..<index + 4]) == Reader.magic else {
            return nil
        }
        let version = bytes[index + 4]
        index += 20
        guard let counts = numbers(6, size: 4),
            counts.allSatisfy({ (0...Reader.mostEntries).contains($0) })
        else { return nil }
        return ZoneHeader(version: version, counts: counts.map { Int($0) })
    }

    mutating func numbers(_ count: Int, size: Int) -> [Int64]? {
        guard bytes.count - index >= count * size else { return nil }
        return (0..<count).map { _ in
            defer { index += size }
            return number(size: size) ?? 0
        }
    }

    /// A signed number; of one byte an unsigned one.
    func number(size: Int) -> Int64? {
        guard index >= 0, bytes.count - index >= size else { return nil }
        let value = bytes[index..<index + size].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == 4 ? Int64(Int32(truncatingIfNeeded: value)) : Int64(bitPattern: value)
    }

    /// The line between the two line feeds at the end of the file.
    mutating func line() -> String {
        String(decoding: bytes[min(index + 1, bytes.count)...].prefix { $0 != 10 }, as: UTF8.self)
    }
}
