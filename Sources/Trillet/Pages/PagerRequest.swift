/// What a pager was made with: what to list, and what to ask of each page.
struct PagerRequest {
    let operation: Operation
    /// The page to begin with; nil when that is left to the service.
    private(set) var firstPage: Int?
    private(set) var prefetches = false
    /// How many items the shortest page has that can be a whole one. The service may cut a larger
    /// limit, but never below its own default. docs/decisions.md, history-pages.
    private(set) var wholePage = 10
    /// The other members of the request, as they were written.
    private var members: [UInt8] = []

    init(operation name: Bytes, request text: Bytes) throws(Failure) {
        let found = OperationTable.all.first { name.equals($0.id) }
        guard let operation = found, operation.listMember != nil else {
            throw Failure.invalidArgument(
                "'\(name)' is no list; give \(OperationTable.listNames)",
                field: "operation"
            )
        }
        self.operation = operation
        if text.count == 0 { return }
        let request = try JSONInput.checkObject(text, what: "The request")
        try request.forEachMember { (member: JSONMember) throws(Failure) in
            if member.name.equals("page") {
                try readPage(member.value)
            } else if member.name.equals("prefetch") {
                try readPrefetch(member.value)
            } else {
                if member.name.equals("limit"), let limit = member.value.count {
                    wholePage = min(limit, wholePage)
                }
                if !members.isEmpty { members.append(UInt8(ascii: ",")) }
                members.append(contentsOf: member.quotedName)
                members.append(UInt8(ascii: ":"))
                members.append(contentsOf: member.value.text)
            }
        }
    }

    /// The request for a page, nil for the one that the service begins with.
    func text(page: Int?) -> ByteBuffer {
        var text = ByteBuffer(capacity: members.count + 32)
        text.append(UInt8(ascii: "{"))
        text.append(members)
        if let page {
            if !members.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append("\"page\":")
            text.append(decimal: page)
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    private mutating func readPage(_ value: JSONValue) throws(Failure) {
        if value.kind == .null { return }
        guard let page = value.integer, page >= 1, page <= Int(Int32.max) else {
            throw Failure.invalidArgument(
                "'page' must be a whole number from 1, not \(value.text)",
                field: "page"
            )
        }
        firstPage = page
    }

    private mutating func readPrefetch(_ value: JSONValue) throws(Failure) {
        if value.kind == .null { return }
        guard value.kind == .boolean else {
            throw Failure.invalidArgument(
                "'prefetch' must be true or false, not \(value.kind.name)",
                field: "prefetch"
            )
        }
        prefetches = value.isTrue
    }
}
