/// What became of the calls of one operation, or of all together.
final class OperationStatistics {
    private var calls = 0
    private var succeeded = 0
    private var retries = 0
    private var failures: [Int]
    private var latency = LatencyHistogram()

    init() {
        failures = Array(repeating: 0, count: FailureKind.allCases.count)
    }

    func record(_ call: borrowing RequestRecord) {
        calls &+= 1
        retries &+= call.retries
        if let failure = call.failure {
            failures[failure.rawValue] &+= 1
        } else {
            succeeded &+= 1
        }
        latency.record(microseconds: call.latencyMicroseconds)
    }

    func merge(into other: OperationStatistics) {
        other.calls &+= calls
        other.succeeded &+= succeeded
        other.retries &+= retries
        for index in 0..<failures.count { other.failures[index] &+= failures[index] }
        latency.merge(into: &other.latency)
    }

    /// Appends a JSON object; of the errors only those that came.
    func write(to json: inout ByteBuffer) {
        json.append("{\"calls\":")
        json.append(decimal: calls)
        json.append(",\"ok\":")
        json.append(decimal: succeeded)
        json.append(",\"errors\":{")
        var isFirst = true
        for kind in FailureKind.allCases where failures[kind.rawValue] > 0 {
            if !isFirst { json.append(UInt8(ascii: ",")) }
            isFirst = false
            json.append(jsonString: kind.name.bytes)
            json.append(UInt8(ascii: ":"))
            json.append(decimal: failures[kind.rawValue])
        }
        json.append("},\"retries\":")
        json.append(decimal: retries)
        json.append(",\"latencyMs\":{\"p50\":")
        json.append(millisecondsOf: latency.percentile(50))
        json.append(",\"p90\":")
        json.append(millisecondsOf: latency.percentile(90))
        json.append(",\"p99\":")
        json.append(millisecondsOf: latency.percentile(99))
        json.append(",\"max\":")
        json.append(millisecondsOf: latency.maximum)
        json.append(",\"mean\":")
        json.append(millisecondsOf: latency.mean)
        json.append("}}")
    }
}
