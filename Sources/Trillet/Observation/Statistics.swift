/// What a client has done so far, counted when each call has ended.
final class Statistics: @unchecked Sendable {
    private let lock: Lock
    private let started = MonotonicTime.now
    private let operations: [Bytes]
    /// One for each operation, and the last for endpoints without a name; made with the first call.
    private var counters: [OperationStatistics?]

    private var backoffs = WaitCounter()
    private var turns = WaitCounter()
    private var bytesSent: Int64 = 0
    private var bytesReceived: Int64 = 0
    private var connectionsOpened = 0
    private var connectionsReused = 0

    /// nil when there is no memory for the lock.
    init?(operations: [Bytes]) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.operations = operations
        counters = Array(repeating: nil, count: operations.count + 1)
    }

    @_optimize(speed)
    func record(_ call: borrowing RequestRecord) {
        let index = call.operationIndex
        let slot = index >= 0 && index < operations.count ? index : operations.count
        lock.acquire()
        defer { lock.release() }
        if let counter = counters[slot] {
            counter.record(call)
        } else {
            let counter = OperationStatistics()
            counters[slot] = counter
            counter.record(call)
        }
        backoffs.add(call.backoffs, call.backoffMicroseconds)
        turns.add(call.turnWaits, call.turnMicroseconds)
        bytesSent &+= call.bytesSent
        bytesReceived &+= call.bytesReceived
        connectionsOpened &+= call.connectionsOpened
        connectionsReused &+= call.connectionsReused
    }

    /// One JSON object, which the receiver frees; NULL when memory ran out.
    func report(queue: QueueDepth, droppedLogLines: Int) -> UnsafeMutablePointer<CChar>? {
        // Room for every operation, so that the lock is not held while the text grows.
        var json = ByteBuffer(capacity: 1024 + 256 * (operations.count + 1))
        json.append("{\"uptimeMs\":")
        json.append(millisecondsOf: MonotonicTime.now.microseconds - started.microseconds)
        lock.acquire()
        writeOperations(to: &json)
        writeTraffic(to: &json)
        lock.release()
        json.append(",\"queue\":{\"inFlight\":")
        json.append(decimal: queue.inFlight)
        json.append(",\"queued\":")
        json.append(decimal: queue.queued)
        json.append(",\"completed\":")
        json.append(decimal: queue.completed)
        json.append(",\"rejected\":")
        json.append(decimal: queue.rejected)
        json.append("},\"log\":{\"dropped\":")
        json.append(decimal: droppedLogLines)
        json.append("}}")
        return json.detach()
    }

    private func writeOperations(to json: inout ByteBuffer) {
        let total = OperationStatistics()
        for counter in counters { counter?.merge(into: total) }
        json.append(",\"total\":")
        total.write(to: &json)
        json.append(",\"operations\":{")
        var isFirst = true
        for (index, counter) in counters.enumerated() {
            guard let counter else { continue }
            if !isFirst { json.append(UInt8(ascii: ",")) }
            isFirst = false
            let name = index < operations.count ? operations[index] : Statistics.other.bytes
            json.append(jsonString: name)
            json.append(UInt8(ascii: ":"))
            counter.write(to: &json)
        }
        json.append(UInt8(ascii: "}"))
    }

    /// No operation has this name: theirs all have a dot.
    private static var other: StaticString { "other" }

    private func writeTraffic(to json: inout ByteBuffer) {
        json.append(",\"waits\":{\"backoff\":")
        backoffs.write(to: &json)
        json.append(",\"turn\":")
        turns.write(to: &json)
        json.append("},\"connections\":{\"opened\":")
        json.append(decimal: connectionsOpened)
        json.append(",\"reused\":")
        json.append(decimal: connectionsReused)
        json.append("},\"bytes\":{\"sent\":")
        json.append(decimal: Int(bytesSent))
        json.append(",\"received\":")
        json.append(decimal: Int(bytesReceived))
        json.append(UInt8(ascii: "}"))
    }
}

/// How often calls waited for one reason, and how long in all.
struct WaitCounter {
    private var count = 0
    private var microseconds: Int64 = 0

    mutating func add(_ waits: Int, _ duration: Int64) {
        count &+= waits
        microseconds &+= duration
    }

    func write(to json: inout ByteBuffer) {
        json.append("{\"count\":")
        json.append(decimal: count)
        json.append(",\"ms\":")
        json.append(millisecondsOf: microseconds)
        json.append(UInt8(ascii: "}"))
    }
}
