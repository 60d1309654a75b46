import CTrillet

/// A line in the queue. Whoever takes it out frees its text.
struct LogEntry {
    let level: LogLevel
    let text: UnsafeMutablePointer<CChar>
}

/// A bounded ring of lines; the log's lock guards it.
struct LogQueue: ~Copyable {
    private var entries: UnsafeMutablePointer<LogEntry>?
    private var first = 0
    private var count = 0

    private static let capacity = 1024

    init() {}

    deinit {
        free(first, count)
        shim_deallocate(entries)
    }

    var isEmpty: Bool { count == 0 }

    /// Makes the ring when there is none yet: most clients have no log. False without memory.
    mutating func makeRoom() -> Bool {
        if entries != nil { return true }
        let size = LogQueue.capacity * MemoryLayout<LogEntry>.stride
        guard let block = shim_reallocate(nil, size) else { return false }
        entries = block.bindMemory(to: LogEntry.self, capacity: LogQueue.capacity)
        return true
    }

    /// False when the queue is full; the line is still the caller's then.
    mutating func append(_ entry: LogEntry) -> Bool {
        guard let entries, count < LogQueue.capacity else { return false }
        (entries + (first + count) % LogQueue.capacity).initialize(to: entry)
        count += 1
        return true
    }

    mutating func popFirst() -> LogEntry? {
        guard let entries, count > 0 else { return nil }
        let entry = entries[first]
        first = (first + 1) % LogQueue.capacity
        count -= 1
        return entry
    }

    mutating func removeAll() {
        free(first, count)
        first = 0
        count = 0
    }

    private func free(_ first: Int, _ count: Int) {
        guard let entries else { return }
        for offset in 0..<count {
            shim_deallocate(entries[(first + offset) % LogQueue.capacity].text)
        }
    }
}
