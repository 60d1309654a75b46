import CTrillet

/// The numbers seen so far of one share, with the row that each came in first.
///
/// A number is its own key, so there is no false alarm. Twelve bytes for each of its places.
struct NumberTable: ~Copyable {
    /// One of the parts into which all numbers fall: each reading of a file looks at one.
    struct Share {
        var index = 0
        var count = 1
    }

    /// So many rows of a file are one share: the table has no more than 32 MB, however long a file
    /// is. docs/decisions.md, numbers-in-shares
    static let rowsOfShare = 2 << 20

    private let share: Share
    private var numbers: UnsafeMutablePointer<UInt64>?
    private var rows: UnsafeMutablePointer<UInt32>?
    private var capacity = 0
    private var count = 0
    private(set) var isOutOfMemory = false

    /// `expected` may be wrong; it saves moving everything.
    init(expected: Int, _ share: Share) {
        self.share = share
        let mine = expected / share.count
        resize(to: max(64, mine + mine / 3))
    }

    deinit {
        shim_deallocate(numbers)
        shim_deallocate(rows)
    }

    /// The row in which the number came before, nil when this is the first time.
    @_optimize(speed)
    mutating func insert(_ number: UInt64, row: Int) -> Int? {
        if count >= capacity - capacity / 8 { resize(to: capacity + capacity / 2) }
        guard let numbers, let rows, !isOutOfMemory else { return nil }
        var place = place(of: number, capacity)
        while numbers[place] != 0 {
            if numbers[place] == number { return Int(rows[place]) }
            place += 1
            if place == capacity { place = 0 }
        }
        numbers[place] = number
        rows[place] = UInt32(clamping: row)
        count += 1
        return nil
    }

    /// Brings the place of a number, which will be inserted soon, from memory.
    @_optimize(speed)
    func prefetch(_ number: UInt64) {
        guard let numbers else { return }
        shim_prefetch(numbers + place(of: number, capacity))
    }

    /// Whether the number is of the share.
    @_optimize(speed)
    func takes(_ number: UInt64) -> Bool {
        spread(number).high == UInt64(truncatingIfNeeded: share.index)
    }

    /// Scales to any capacity without a division.
    @_optimize(speed)
    private func place(of number: UInt64, _ capacity: Int) -> Int {
        Int(spread(number).low.multipliedFullWidth(by: UInt64(capacity)).high)
    }

    /// Spreads neighbouring numbers by multiplying: the share, and the place in it.
    @_optimize(speed)
    private func spread(_ number: UInt64) -> (high: UInt64, low: UInt64) {
        let spread = number &* 0x9E37_79B9_7F4A_7C15
        let (high, low) = (spread ^ (spread >> 29))
            .multipliedFullWidth(by: UInt64(truncatingIfNeeded: share.count))
        return (high, low)
    }

    @inline(never)
    private mutating func resize(to larger: Int) {
        guard let newNumbers = shim_allocate_zeroed(larger, 8),
            let newRows = shim_reallocate(nil, larger * 4)
        else {
            isOutOfMemory = true
            return
        }
        let target = newNumbers.bindMemory(to: UInt64.self, capacity: larger)
        let targetRows = newRows.bindMemory(to: UInt32.self, capacity: larger)
        if let numbers, let rows {
            for old in 0..<capacity where numbers[old] != 0 {
                var place = place(of: numbers[old], larger)
                while target[place] != 0 {
                    place += 1
                    if place == larger { place = 0 }
                }
                target[place] = numbers[old]
                targetRows[place] = rows[old]
            }
        }
        shim_deallocate(numbers)
        shim_deallocate(rows)
        numbers = target
        rows = targetRows
        capacity = larger
    }
}
