import NIOConcurrencyHelpers

/// Counts requests and how long they took, by operation and status.
final class RequestMetrics: Sendable {
    struct Key: Hashable, Sendable {
        let operation: String
        /// 0 for a request that was not answered.
        let status: Int
    }

    struct Series: Sendable {
        /// One more than there are bounds; not cumulative.
        fileprivate(set) var buckets = [Int](repeating: 0, count: RequestMetrics.bounds.count + 1)
        fileprivate(set) var count = 0
        fileprivate(set) var seconds = 0.0
    }

    /// The upper bounds of the histogram's buckets in seconds.
    static let bounds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    private let series = NIOLockedValueBox<[Key: Series]>([:])

    func record(operation: String, status: Int, seconds: Double) {
        let bucket =
            RequestMetrics.bounds.firstIndex { seconds <= $0 } ?? RequestMetrics.bounds.count
        series.withLockedValue { all in
            let key = Key(operation: operation, status: status)
            all[key, default: Series()].buckets[bucket] += 1
            all[key, default: Series()].count += 1
            all[key, default: Series()].seconds += seconds
        }
    }

    /// Everything counted so far, in a lasting order.
    var snapshot: [(key: Key, series: Series)] {
        series.withLockedValue { all in
            all.map { ($0.key, $0.value) }
                .sorted { ($0.0.operation, $0.0.status) < ($1.0.operation, $1.0.status) }
        }
    }
}
