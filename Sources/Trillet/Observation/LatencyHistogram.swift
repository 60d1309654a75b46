import CTrillet

/// How long calls took, in counters of a relative width: 32 for each power of two, so that a
/// percentile is exact to 1/32 whether calls take 80 microseconds or 80 seconds.
///
/// A percentile is the upper end of the counter it falls into, never more than the longest time
/// seen: "99 % took no longer than this" is true, and at most 1/32 too cautious. Times above 71
/// minutes share the last counter; `maximum` stays exact for them too.
/// docs/decisions.md, relative-counters.
struct LatencyHistogram: ~Copyable {
    private(set) var count: Int64 = 0
    private(set) var maximum: Int64 = 0
    private(set) var sum: Int64 = 0
    /// Made for the first time recorded: most clients never call most operations.
    private var counters: UnsafeMutablePointer<UInt64>?

    private static let precisionBits = 5
    private static let highestBit = 31
    private static let counterCount = (highestBit - precisionBits + 2) << precisionBits

    init() {}

    deinit {
        shim_deallocate(counters)
    }

    /// Leaves the time out when there is no memory for the counters.
    mutating func record(microseconds: Int64) {
        guard let counters = counters ?? makeCounters() else { return }
        let time = max(0, microseconds)
        counters[LatencyHistogram.index(of: time)] &+= 1
        count &+= 1
        sum &+= time
        if time > maximum { maximum = time }
    }

    func merge(into other: inout LatencyHistogram) {
        guard let counters, let others = other.counters ?? other.makeCounters() else { return }
        for index in 0..<LatencyHistogram.counterCount { others[index] &+= counters[index] }
        other.count &+= count
        other.sum &+= sum
        other.maximum = max(other.maximum, maximum)
    }

    /// The mean in microseconds, rounded to the nearest; 0 when nothing was recorded.
    var mean: Int64 {
        count == 0 ? 0 : (sum + count / 2) / count
    }

    /// The time in microseconds that `percent` of the calls did not exceed (nearest rank); 0 when
    /// nothing was recorded.
    func percentile(_ percent: Int64) -> Int64 {
        guard let counters, count > 0 else { return 0 }
        let rank = UInt64(max(1, (count * percent + 99) / 100))
        var passed: UInt64 = 0
        for index in 0..<LatencyHistogram.counterCount {
            passed &+= counters[index]
            if passed >= rank { return min(LatencyHistogram.upperEnd(of: index), maximum) }
        }
        return maximum
    }

    private mutating func makeCounters() -> UnsafeMutablePointer<UInt64>? {
        let count = LatencyHistogram.counterCount
        let block = shim_reallocate(nil, count * MemoryLayout<UInt64>.stride)
        guard let block else { return nil }
        let made = block.bindMemory(to: UInt64.self, capacity: count)
        made.initialize(repeating: 0, count: count)
        counters = made
        return made
    }

    private static func index(of microseconds: Int64) -> Int {
        let bit = 63 - (microseconds | 1).leadingZeroBitCount
        if bit <= precisionBits { return Int(microseconds) }
        if bit > highestBit { return counterCount - 1 }
        let shift = bit - precisionBits
        // The leading bit is the lowest of the row number, the bits behind it choose the counter.
        return (shift << precisionBits) + Int(microseconds >> Int64(shift))
    }

    /// The longest time that counts at `index`; the last counter has no end.
    private static func upperEnd(of index: Int) -> Int64 {
        if index == counterCount - 1 { return Int64.max }
        let shift = max(0, (index >> precisionBits) - 1)
        let lowest = Int64(index - (shift << precisionBits)) << Int64(shift)
        return lowest + (Int64(1) << Int64(shift)) - 1
    }
}
