/// Which calls are known by an id or a number.
struct CallIndex {
    private let hash = IDHash()
    /// The first entry of each key, one more than its place, by open addressing.
    private var slots: [Int32]
    private var entries: [Entry] = []

    private struct Entry {
        let key: UInt64
        let call: FollowedCall
        /// The next entry of the key, as in `slots`.
        let next: Int32
    }

    /// For so many calls with two keys each.
    init(calls: Int) {
        slots = Array(repeating: 0, count: max(8, calls.multipliedReportingOverflow(by: 4).0))
    }

    @inline(never)
    private func key(_ id: [UInt8]) -> UInt64 {
        id.withUnsafeBufferPointer { hash.value(of: $0) }
    }

    static func key(_ number: UInt64) -> UInt64 { SplitMix64.mix(number) }

    @inline(never)
    mutating func insert(_ key: UInt64, _ call: FollowedCall) {
        let slot = slot(of: key)
        entries.append(Entry(key: key, call: call, next: slots[slot]))
        slots[slot] = Int32(truncatingIfNeeded: entries.count)
    }

    mutating func insert(_ id: [UInt8], _ call: FollowedCall) {
        if !id.isEmpty { insert(key(id), call) }
    }

    /// The calls that may have that id; none for an empty one.
    func calls(_ id: [UInt8]) -> [FollowedCall] { id.isEmpty ? [] : calls(key(id)) }

    /// The calls with that key; another key's may be among them.
    @inline(never)
    func calls(_ key: UInt64) -> [FollowedCall] {
        var found: [FollowedCall] = []
        var next = Int(slots[slot(of: key)])
        while next > 0 {
            let entry = entries[next - 1]
            found.append(entry.call)
            next = Int(entry.next)
        }
        return found
    }

    private func slot(of key: UInt64) -> Int {
        var slot = Int(key.multipliedFullWidth(by: UInt64(slots.count)).high)
        while slots[slot] > 0, entries[Int(slots[slot]) - 1].key != key {
            slot += 1
            if slot == slots.count { slot = 0 }
        }
        return slot
    }
}
