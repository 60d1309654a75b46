import CTrillet

/// The answers that wait for `trillet_next` and `trillet_next_many`.
final class Completions {
    private struct Entry {
        let id: UInt64
        let answer: Answer
    }

    private enum Answer {
        case finished(FinishedRequest)
        /// Its text is made when it is fetched: a host that never fetches costs next to nothing.
        case refused(RefusedRequest)

        var finished: FinishedRequest {
            switch self {
            case .finished(let finished): finished
            case .refused(let refused): refused.answer
            }
        }
    }

    private let lock: Lock
    private var entries = Queue<Entry>()
    /// Their number, read without the lock.
    private let entryCount = SharedNumber()
    private var descriptor: Int32 = -1
    private var isClosed = false

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
    }

    deinit {
        while let entry = entries.popFirst() {
            if case .finished(let finished) = entry.answer { finished.free() }
        }
        shim_descriptor_close(descriptor)
    }

    var count: Int { Int(entryCount.load()) }

    /// Whether no more answers will come.
    var hasEnded: Bool {
        lock.acquire()
        defer { lock.release() }
        return isClosed
    }

    @_optimize(speed)
    func append(_ jobs: [Job]) {
        lock.acquire()
        let wasEmpty = entries.isEmpty
        for job in jobs {
            guard let finished = job.answer else { continue }
            entries.append(Entry(id: job.id, answer: .finished(finished)))
        }
        release(wasEmpty)
    }

    @_optimize(speed)
    func append(_ refused: RefusedRequest, for id: UInt64) {
        lock.acquire()
        let wasEmpty = entries.isEmpty
        entries.append(Entry(id: id, answer: .refused(refused)))
        release(wasEmpty)
    }

    private func release(_ wasEmpty: Bool) {
        // Whoever sees the descriptor readable has to find an answer.
        entryCount.store(Int32(clamping: entries.count))
        if wasEmpty, !entries.isEmpty, descriptor >= 0 { shim_event_set(descriptor) }
        lock.release()
    }

    /// The answer that ended first; nil when none waits.
    @_optimize(speed)
    func next() -> (id: UInt64, finished: FinishedRequest)? {
        if count == 0 { return nil }
        lock.acquire()
        guard let entry = entries.popFirst() else {
            lock.release()
            return nil
        }
        if entries.isEmpty, descriptor >= 0 { shim_event_clear(descriptor) }
        entryCount.store(Int32(clamping: entries.count))
        lock.release()
        return (entry.id, entry.answer.finished)
    }

    /// The answers that ended first, up to a number of them, in one JSON array; nil as from `next`.
    @_optimize(speed)
    func nextArray(limit: Int) -> UnsafeMutablePointer<CChar>? {
        guard var entry = next() else { return nil }
        // What comes in the meantime is for the next call.
        var array = AnswerArray(limit: min(limit, 1 + count))
        while true {
            guard array.append(entry.finished, id: entry.id) else {
                putBack(entry.finished, for: entry.id)
                return array.count == 0 ? HostText.outOfMemoryArray : array.finish()
            }
            guard !array.isFull, let another = next() else {
                return array.finish()
            }
            entry = another
        }
    }

    private func putBack(_ finished: FinishedRequest, for id: UInt64) {
        lock.acquire()
        let wasEmpty = entries.isEmpty
        entries.prepend(Entry(id: id, answer: .finished(finished)))
        release(wasEmpty)
    }

    /// Readable while an answer waits; -1 when no descriptor is free.
    var readableDescriptor: Int32 {
        lock.acquire()
        defer { lock.release() }
        if descriptor < 0 {
            descriptor = shim_event_new()
            if descriptor >= 0, !entries.isEmpty { shim_event_set(descriptor) }
        }
        return max(-1, descriptor)
    }

    /// None of them is for a forked child.
    func forget() { entryCount.store(0) }

    /// Nothing will be added any more: nobody need wait.
    func close() {
        lock.acquire()
        isClosed = true
        lock.release()
    }
}
