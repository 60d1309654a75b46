import CTrillet

/// The answers that wait for `trillet_next`.
final class Completions {
    private struct Entry {
        let id: UInt64
        /// nil for a request that the full queue refused: its answer is made when it is fetched, so
        /// that a host which never fetches costs next to nothing.
        let finished: FinishedCall?
        let operationIndex: Int
    }

    private let lock: Lock
    private var entries = Queue<Entry>()
    private var descriptor: Int32 = -1
    private var isClosed = false
    private(set) var rejected = 0

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
    }

    deinit {
        while let entry = entries.popFirst() {
            if let finished = entry.finished { finished.free() }
        }
        shim_descriptor_close(descriptor)
    }

    var count: Int {
        lock.acquire()
        defer { lock.release() }
        return entries.count
    }

    var rejectedCount: Int {
        lock.acquire()
        defer { lock.release() }
        return rejected
    }

    func append(_ jobs: [Job]) {
        lock.acquire()
        let wasEmpty = entries.isEmpty
        for job in jobs {
            entries.append(Entry(id: job.id, finished: job.answer, operationIndex: 0))
        }
        announce(wasEmpty)
        lock.release()
    }

    func appendRejected(_ id: UInt64, operationIndex: Int) {
        lock.acquire()
        let wasEmpty = entries.isEmpty
        entries.append(Entry(id: id, finished: nil, operationIndex: operationIndex))
        rejected += 1
        announce(wasEmpty)
        lock.release()
    }

    private func announce(_ wasEmpty: Bool) {
        if wasEmpty, !entries.isEmpty, descriptor >= 0 { shim_event_set(descriptor) }
        lock.broadcast()
    }

    /// The answer that ended first; nil when there was none in time, or will never be one.
    func next(until deadline: MonotonicTime?) -> (id: UInt64, finished: FinishedCall)? {
        lock.acquire()
        while true {
            if let entry = entries.popFirst() {
                if entries.isEmpty, descriptor >= 0 { shim_event_clear(descriptor) }
                lock.release()
                let finished = entry.finished ?? QueueFull.answer(entry.operationIndex)
                return (entry.id, finished)
            }
            guard !isClosed, let deadline, lock.wait(until: deadline) || !entries.isEmpty else {
                lock.release()
                return nil
            }
        }
    }

    /// Readable while an answer waits; -1 when no descriptor is free.
    var readableDescriptor: Int32 {
        lock.acquire()
        defer { lock.release() }
        if descriptor < 0 {
            descriptor = shim_event_new()
            if descriptor >= 0, !entries.isEmpty { shim_event_set(descriptor) }
        }
        return descriptor
    }

    /// Nothing will be added any more: nobody need wait.
    func close() {
        lock.acquire()
        isClosed = true
        lock.broadcast()
        lock.release()
    }
}

/// The answer to a request for which there was no room.
enum QueueFull {
    static var failure: Failure {
        var failure = Failure(
            .rateLimited,
            """
            Too many requests wait already (maxQueued, maxInFlight); fetch answers before \
            submitting more
            """
        )
        failure.code = "queue_full"
        failure.isRetryable = true
        return failure
    }

    fileprivate static func answer(_ operationIndex: Int) -> FinishedCall {
        let operations = OperationTable.all
        let name: StaticString =
            operationIndex < operations.count ? operations[operationIndex].id : "other"
        let meta = CallMeta(operation: name.bytes, elapsedMicroseconds: 0)
        return FinishedCall(Envelope(meta).failure(failure, body: .none, requestID: .empty))
    }
}
