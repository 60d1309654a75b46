import Testing

@testable import Trillet

@Suite("A latency histogram")
struct LatencyHistogramTests {
    /// Times of every magnitude from a microsecond to an hour.
    private func randomTime(_ random: inout SeededRandom) -> Int64 {
        Int64.random(in: 0...(1 << Int64.random(in: 0...31, using: &random)), using: &random)
    }

    @Test(
        "gives percentiles that are never too low, and too high by at most 1/32",
        arguments: 1...8 as ClosedRange<UInt64>
    )
    func percentiles(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var histogram = LatencyHistogram()
        let times = (0..<Int.random(in: 1...3000, using: &random))
            .map { _ in randomTime(&random) }
            .sorted()
        for time in times.shuffled(using: &random) { histogram.record(microseconds: time) }
        for percent in [1, 50, 90, 99, 100] as [Int64] {
            let exact = times[(times.count * Int(percent) + 99) / 100 - 1]
            let given = histogram.percentile(percent)
            #expect(given >= exact)
            #expect(given - exact <= exact / 32, "\(percent) % of \(times.count)")
        }
        #expect(histogram.count == Int64(times.count))
        #expect(histogram.maximum == times.last)
        #expect(histogram.sum == times.reduce(0, +))
    }

    @Test("is exact to 1/32 at every edge of its counters")
    func edges() {
        for bit in 0..<31 as Range<Int64> {
            for time in [(1 << bit) - 1, 1 << bit, (1 << bit) + 1] as [Int64] {
                var histogram = LatencyHistogram()
                histogram.record(microseconds: time)
                histogram.record(microseconds: 1 << 31)
                let given = histogram.percentile(50)
                #expect(given >= time && given - time <= time / 32, "\(time)")
            }
        }
    }

    @Test("gives zeros when nothing was recorded")
    func empty() {
        let histogram = LatencyHistogram()
        #expect(histogram.percentile(99) == 0)
        #expect(histogram.maximum == 0)
        #expect(histogram.mean == 0)
    }

    @Test("takes times beyond its counters, and a clock that went backwards")
    func extremes() {
        var histogram = LatencyHistogram()
        histogram.record(microseconds: -5)
        #expect(histogram.percentile(50) == 0)
        let day: Int64 = 86_400_000_000
        histogram.record(microseconds: day)
        histogram.record(microseconds: 2 * day)
        #expect(histogram.percentile(99) == 2 * day)
        #expect(histogram.maximum == 2 * day)
        #expect(histogram.mean == day)
    }

    @Test(
        "merged with another is as if it had recorded all",
        arguments: 1...4 as ClosedRange<UInt64>
    )
    func merges(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var one = LatencyHistogram()
        var other = LatencyHistogram()
        var all = LatencyHistogram()
        for _ in 0..<1000 {
            let time = randomTime(&random)
            all.record(microseconds: time)
            if Bool.random(using: &random) {
                one.record(microseconds: time)
            } else {
                other.record(microseconds: time)
            }
        }
        var merged = LatencyHistogram()
        LatencyHistogram().merge(into: &merged)
        one.merge(into: &merged)
        other.merge(into: &merged)
        for percent in 0...100 as ClosedRange<Int64> {
            #expect(merged.percentile(percent) == all.percentile(percent))
        }
        #expect(merged.count == all.count)
        #expect(merged.sum == all.sum)
        #expect(merged.maximum == all.maximum)
    }
}
