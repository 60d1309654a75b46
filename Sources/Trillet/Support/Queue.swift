/// First in, first out, without moving what waits.
struct Queue<Element> {
    private var items: [Element?] = []
    private var head = 0

    var count: Int { items.count - head }
    var isEmpty: Bool { items.count == head }

    var first: Element? { head < items.count ? items[head] : nil }

    mutating func append(_ element: Element) {
        items.append(element)
    }

    mutating func prepend(_ element: Element) {
        if head == 0 {
            let room = max(16, items.count / 4)
            items.insert(contentsOf: repeatElement(nil, count: room), at: 0)
            head = room
        }
        head -= 1
        items[head] = element
    }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let element = items[head]
        items[head] = nil
        head += 1
        if head == items.count {
            items.removeAll(keepingCapacity: head <= 1024)
            head = 0
        } else if head >= 1024, head * 2 >= items.count {
            items.removeSubrange(0..<head)
            head = 0
        }
        return element
    }

    mutating func removeAll(where isUnwanted: (Element) -> Bool) {
        var kept: [Element?] = []
        for index in head..<items.count {
            guard let item = items[index], !isUnwanted(item) else { continue }
            kept.append(item)
        }
        items = kept
        head = 0
    }
}
