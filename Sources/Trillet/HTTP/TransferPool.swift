import CTrillet

/// The transfers of a client's blocking calls: idle ones wait here with their connections open.
final class TransferPool {
    private let settings: TransferSettings
    private let maxConnections: Int
    private let lock: Lock
    private var idle: [BlockingTransfer] = []
    private var active: [BlockingTransfer] = []
    private var isCancelled = false
    private var isDrained = false

    init?(settings: TransferSettings, maxConnections: Int) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.settings = settings
        self.maxConnections = maxConnections
    }

    /// The transfer used last, whose connection is the warmest, or a new one; waits while
    /// `maxConnections` are in use.
    ///
    /// A call that is made while another one of its thread waits for it gets one more.
    func checkOut(
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) -> BlockingTransfer {
        lock.acquire()
        defer { lock.release() }
        while true {
            if isCancelled { throw TransferPool.cancelled }
            if isDrained { throw Failure.drained }
            if interrupt.isInterrupted { throw RequestInterrupt.failure }
            if let transfer = idle.popLast() {
                active.append(transfer)
                return transfer
            }
            if active.count < maxConnections || interrupt.isNested {
                guard let transfer = BlockingTransfer(settings) else { throw Failure.outOfMemory }
                active.append(transfer)
                return transfer
            }
            guard lock.wait(until: deadline, &interrupt) || interrupt.isInterrupted else {
                var failure = Failure(
                    .timeout,
                    "All \(maxConnections) connections stayed in use (maxConnections, timeoutMs)"
                )
                failure.isRetryable = true
                throw failure
            }
        }
    }

    /// The same without a wait; nil when all connections are in use, or none is to be started.
    func checkOutIfFree() -> BlockingTransfer? {
        lock.acquire()
        defer { lock.release() }
        if isCancelled || isDrained { return nil }
        if let transfer = idle.popLast() {
            active.append(transfer)
            return transfer
        }
        guard active.count < maxConnections, let transfer = BlockingTransfer(settings) else {
            return nil
        }
        active.append(transfer)
        return transfer
    }

    func checkIn(_ transfer: BlockingTransfer) {
        transfer.transfer.becomeIdle()
        let isUsable = transfer.renew(settings)
        lock.acquire()
        if let index = active.lastIndex(where: { $0 === transfer }) {
            active.swapAt(index, active.count - 1)
            active.removeLast()
        }
        if !isCancelled, isUsable { idle.append(transfer) }
        lock.broadcast()
        lock.release()
    }

    /// Ends the transfers that run, and starts none any more.
    func cancel() {
        lock.acquire()
        isCancelled = true
        for transfer in active { transfer.cancel() }
        lock.broadcast()
        lock.release()
    }

    /// Ends the transfers whose request has not begun to be sent, and starts none any more.
    func drain() {
        lock.acquire()
        isDrained = true
        for transfer in active { transfer.cancelUnlessSent() }
        lock.broadcast()
        lock.release()
    }

    /// Closes the connections that nobody uses.
    func closeConnections() {
        shim_exit_begin_leaving()
        defer { shim_exit_end_leaving() }
        lock.acquire()
        let connections = idle
        idle = []
        lock.release()
        // Closing connections can block for a moment; nobody should wait for the lock then.
        _ = consume connections
    }

    private static var cancelled: Failure {
        Failure(.cancelled, "The call was cancelled because the client was closed")
    }
}
