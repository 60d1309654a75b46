/// Names in the order of the alphabet, for finding one among very many.
struct NameOrder {
    private let names: [[UInt8]]
    private let positions: [Int]

    init(_ names: [[UInt8]]) {
        self.names = names
        positions = names.indices.sorted { first, second in
            switch NameOrder.compare(names[first], names[second]) {
            case 0: first < second
            case let order: order < 0
            }
        }
    }

    /// Where the name is first.
    func position(of name: [UInt8]) -> Int? {
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if NameOrder.compare(names[positions[middle]], name) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < positions.count, names[positions[low]] == name else { return nil }
        return positions[low]
    }

    /// Whether no name before is the same.
    func isFirst(_ position: Int) -> Bool { self.position(of: names[position]) == position }

    private static func compare(_ first: [UInt8], _ second: [UInt8]) -> Int {
        for index in 0..<min(first.count, second.count) where first[index] != second[index] {
            return first[index] < second[index] ? -1 : 1
        }
        return first.count - second.count
    }
}
