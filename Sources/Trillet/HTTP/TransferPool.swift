/// The transfers of a client: idle ones wait here with their connections open.
final class TransferPool {
    private let settings: TransferSettings
    private let maxConnections: Int
    private let lock: Lock
    private var idle: [Transfer] = []
    private var active: [Transfer] = []
    private var isClosing = false

    init?(settings: TransferSettings, maxConnections: Int) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.settings = settings
        self.maxConnections = maxConnections
    }

    var isClosed: Bool {
        lock.acquire()
        defer { lock.release() }
        return isClosing
    }

    /// The transfer used last, whose connection is the warmest, or a new one; waits while
    /// `maxConnections` are in use.
    func checkOut(until deadline: MonotonicTime) throws(Failure) -> Transfer {
        lock.acquire()
        defer { lock.release() }
        while true {
            if isClosing { throw TransferPool.closed }
            if let transfer = idle.popLast() {
                active.append(transfer)
                return transfer
            }
            if active.count < maxConnections {
                guard let transfer = Transfer(settings) else { throw Failure.outOfMemory }
                active.append(transfer)
                return transfer
            }
            guard lock.wait(until: deadline) else {
                var failure = Failure(
                    .timeout,
                    "All \(maxConnections) connections stayed in use (maxConnections, timeoutMs)"
                )
                failure.isRetryable = true
                throw failure
            }
        }
    }

    func checkIn(_ transfer: Transfer) {
        transfer.becomeIdle()
        lock.acquire()
        if let index = active.lastIndex(where: { $0 === transfer }) {
            active.swapAt(index, active.count - 1)
            active.removeLast()
        }
        if !isClosing { idle.append(transfer) }
        lock.broadcast()
        lock.release()
    }

    /// Refuses new work, waits for the running work, then cancels it; false when it had to.
    func close(until deadline: MonotonicTime) -> Bool {
        lock.acquire()
        isClosing = true
        lock.broadcast()
        var isInTime = true
        while !active.isEmpty, isInTime {
            isInTime = lock.wait(until: deadline)
        }
        let hadToCancel = !active.isEmpty
        for transfer in active { transfer.cancel() }
        while !active.isEmpty {
            _ = lock.wait(until: .distantFuture)
        }
        let connections = idle
        idle = []
        lock.release()
        // Closing connections can block for a moment; nobody should wait for the lock then.
        _ = consume connections
        return !hadToCancel
    }

    static var closed: Failure {
        Failure(.closed, "The client is closed; make a new one with trillet_client_new")
    }
}
