/// Reads the history page by page, the newest calls first, as far as it is needed.
struct HistoryWalk: ~Copyable {
    /// The page to be read next.
    private(set) var page = 1
    /// Nothing that began earlier is looked for, in Unix milliseconds; nil where it all is.
    private var bound: Int?
    /// Whether a page that is not full proves nothing: services may cap pages as they like.
    private let isStrict: Bool
    private var ids = ByteBuffer()

    static let pageSize = 100
    /// A history that never ends is left.
    private static let mostPages = 1000

    enum End {
        case more
        case covered
        /// There may be records that nobody has seen.
        case cut
    }

    init(bound: Int?, isStrict: Bool = false) {
        self.bound = bound
        self.isStrict = isStrict
    }

    /// Goes back further, where the service's clock shows that it must.
    mutating func extend(to earlier: Int) { bound = bound.map { min($0, earlier) } }

    /// Takes in a page; nil for what is none. `fullest`: how many records a page has had so far.
    mutating func take(
        _ data: JSONValue?,
        fullest: inout Int,
        _ see: (CallRecord) -> Void
    ) -> End? {
        guard let data, let list = ListPage(data, of: OperationTable.callsHistory) else {
            return nil
        }
        var count = 0
        var last = Int.max
        // A list in another order has its newest anywhere.
        var isOlder = bound != nil
        var isUsable = true
        list.items.forEachElement { item in
            guard let record = CallRecord(item) else {
                isUsable = false
                return
            }
            count += 1
            let time = record.time ?? .max
            if time > last || time >= bound ?? 0 { isOlder = false }
            last = time
            see(record)
        }
        if !isUsable { return nil }
        let now = list.ids
        let isRepeated = count > 0 && now.bytes.equals(ids.bytes)
        ids = now
        let isShort = !isStrict && count < fullest
        fullest = max(fullest, count)
        if count == 0 || isShort || (isOlder && count > 1) { return .covered }
        if isRepeated || page == HistoryWalk.mostPages { return .cut }
        page += 1
        return .more
    }

    /// The request for the page, of certain calls alone if there are ids.
    func request(ids: Bytes?) -> ByteBuffer {
        var text = ByteBuffer(capacity: 64 + (ids?.count ?? 0))
        text.append("{\"page\":")
        text.append(decimal: page)
        text.append(count: "limit", HistoryWalk.pageSize)
        if let ids {
            text.append(",\"callIds\":[")
            text.append(ids)
            text.append("]")
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// Whether an error is what the service has said where there were no calls yet.
    static func isEmpty(_ failure: Failure, _ body: ErrorBody) -> Bool {
        guard failure.status == 500, case .json(let text) = body else { return false }
        return text.contains("reading 'length'")
    }
}
