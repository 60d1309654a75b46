/// A list that grows at its end and is cut at its beginning. Its elements keep their numbers.
struct BoundedLog<Element: Sendable>: Sendable {
    /// Those before `oldest` are gone; they are cut off together, when they are the greater part.
    private var elements: [Element?] = []
    private var oldest = 0
    /// How many are gone, which is the number of the oldest one that is left.
    private(set) var dropped = 0

    var count: Int { elements.count - oldest }

    /// Returns the element's number.
    mutating func append(_ element: Element) -> Int {
        elements.append(element)
        return dropped + count - 1
    }

    mutating func dropOldest() -> Element? {
        guard count > 0 else { return nil }
        let element = elements[oldest]
        elements[oldest] = nil
        oldest += 1
        dropped += 1
        if oldest > elements.count / 2 {
            elements.removeFirst(oldest)
            oldest = 0
        }
        return element
    }

    /// Does nothing when the element is gone.
    mutating func change(_ number: Int, _ body: (inout Element) -> Void) {
        guard number >= dropped else { return }
        body(&elements[number - dropped + oldest]!)
    }

    /// What is left, oldest first.
    var all: [Element] { elements[oldest...].compactMap { $0 } }
}
