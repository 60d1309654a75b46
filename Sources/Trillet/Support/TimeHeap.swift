/// Numbers ordered by the time that belongs to each: the earliest is at hand.
struct TimeHeap {
    private struct Entry {
        let time: Int64
        let number: UInt64
    }

    private var entries: [Entry] = []

    var count: Int { entries.count }

    var earliest: MonotonicTime? {
        entries.isEmpty ? nil : MonotonicTime(microseconds: entries[0].time)
    }

    /// The number whose time is the earliest.
    var first: UInt64? { entries.first?.number }

    mutating func insert(_ number: UInt64, at time: MonotonicTime) {
        entries.append(Entry(time: time.microseconds, number: number))
        var index = entries.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entries[index].time < entries[parent].time else { return }
            entries.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the earliest number out, if its time is before the given one.
    mutating func popFirst(before time: MonotonicTime) -> UInt64? {
        guard !entries.isEmpty, entries[0].time < time.microseconds else { return nil }
        let number = entries[0].number
        removeFirst()
        return number
    }

    /// There must be one.
    mutating func removeFirst() {
        let last = entries.removeLast()
        if entries.isEmpty { return }
        entries[0] = last
        sink()
    }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < entries.count {
                if entries[child].time < entries[least].time { least = child }
            }
            if least == index { return }
            entries.swapAt(index, least)
            index = least
        }
    }

    mutating func removeAll() {
        if !entries.isEmpty { entries.removeAll(keepingCapacity: entries.count <= 1024) }
    }

    /// Forgets numbers that nobody asks for any more.
    mutating func removeAll(where isStale: (UInt64) -> Bool) {
        let kept = entries.filter { !isStale($0.number) }
        entries = []
        for entry in kept {
            insert(entry.number, at: MonotonicTime(microseconds: entry.time))
        }
    }
}
