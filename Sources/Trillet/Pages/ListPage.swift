/// A page of a list, whichever of the shapes the service gives it.
struct ListPage {
    let items: JSONValue
    /// Whether it is a part of a longer list at all, or one array with everything.
    let isPaged: Bool
    let total: Int?
    let totalPages: Int?
    let hasNext: Bool?

    /// nil for an answer that holds no list.
    init?(_ data: JSONValue, of operation: Operation) {
        if data.kind == .array {
            items = data
            isPaged = false
            total = nil
            totalPages = nil
            hasNext = nil
            return
        }
        guard let items = ListPage.items(of: data, operation) else { return nil }
        self.items = items
        let pagination = data.member("pagination") ?? data
        total = pagination.member("total")?.count
        totalPages = pagination.member("totalPages")?.count
        let next = pagination.member("hasNext")
        hasNext = next?.kind == .boolean ? next?.isTrue : nil
        isPaged = total != nil || totalPages != nil || hasNext != nil
    }

    /// The member of the list's own name, else the first array: other callers of the service have
    /// met `data` and `callFlows`.
    private static func items(of data: JSONValue, _ operation: Operation) -> JSONValue? {
        if let name = operation.listMember,
            let items = data.member(name), items.kind == .array
        {
            return items
        }
        var first: JSONValue?
        data.forEachMember { member in
            if first == nil, member.value.kind == .array { first = member.value }
        }
        return first
    }

    var count: Int {
        var count = 0
        items.forEachElement { _ in count += 1 }
        return count
    }

    /// Tells pages apart by the ids of their items: the rest of an item may have changed meanwhile.
    var ids: ByteBuffer {
        var ids = ByteBuffer()
        items.forEachElement { item in
            let id = item.member("_id") ?? item.member("id") ?? item.member("jobId") ?? item
            ids.append(id.text)
            ids.append(UInt8(ascii: ","))
        }
        return ids
    }
}

extension JSONValue {
    /// How many of something the service says that there are; nil for what cannot be a number of
    /// that, so that sums and differences of counts do not overflow.
    var count: Int? {
        guard let count = integer, (0...Int(Int32.max)).contains(count) else { return nil }
        return count
    }
}
