import CTrillet

/// Sixty-four bits for an id. Of 60,000 ids two fall together in one of 10^10 runs; the key is drawn
/// anew each time, so that they do not in the next.
struct IDHash {
    private let key: UInt64

    init() {
        var random = RandomNumbers()
        key = UInt64(random.number(upTo: Int.max - 1)) << 1 | 1
    }

    /// Never 0.
    func value(of id: Bytes) -> UInt64 {
        var hash = key ^ UInt64(id.count)
        var word: UInt64 = 0
        for (offset, byte) in id.enumerated() {
            word = word << 8 | UInt64(byte)
            if offset & 7 == 7 { hash = SplitMix64.mix(hash ^ word) }
        }
        return max(1, SplitMix64.mix(hash ^ word))
    }
}

/// Ids that have been met, in 10 to 16 bytes each.
struct IDTable: ~Copyable {
    private let hash = IDHash()
    private var slots: UnsafeMutablePointer<UInt64>?
    private var capacity = 0
    private(set) var count = 0

    deinit {
        shim_deallocate(slots)
    }

    /// Whether the id is new.
    mutating func insert(_ id: Bytes) throws(Failure) -> Bool {
        if count >= capacity - capacity / 5 { try grow() }
        guard let slots else { throw Failure.outOfMemory }
        let value = hash.value(of: id)
        let place = IDTable.place(of: value, in: slots, capacity)
        if slots[place] == value { return false }
        slots[place] = value
        count += 1
        return true
    }

    func contains(_ id: Bytes) -> Bool {
        guard let slots else { return false }
        let value = hash.value(of: id)
        return slots[IDTable.place(of: value, in: slots, capacity)] == value
    }

    /// Where the value is, or where it belongs.
    private static func place(
        of value: UInt64,
        in slots: UnsafeMutablePointer<UInt64>,
        _ capacity: Int
    ) -> Int {
        var place = Int(value.multipliedFullWidth(by: UInt64(capacity)).high)
        while slots[place] != 0, slots[place] != value {
            place += 1
            if place == capacity { place = 0 }
        }
        return place
    }

    private mutating func grow() throws(Failure) {
        let larger = max(1024, capacity + capacity / 2)
        guard let block = shim_allocate_zeroed(larger, 8) else { throw Failure.outOfMemory }
        let target = block.bindMemory(to: UInt64.self, capacity: larger)
        if let slots {
            for old in 0..<capacity where slots[old] != 0 {
                target[IDTable.place(of: slots[old], in: target, larger)] = slots[old]
            }
        }
        shim_deallocate(slots)
        slots = target
        capacity = larger
    }
}
