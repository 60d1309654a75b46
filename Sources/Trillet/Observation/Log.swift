import CTrillet

/// How urgent a log line is, as `TRILLET_LOG_…` has it.
enum LogLevel: Int32, Sendable {
    case off = 0
    case error
    case warning
    case info
    case debug
}

/// The lines on their way to the host: any thread appends, the client's own thread delivers.
///
/// The host's function runs without a lock held, so that it may call the library, also to choose
/// another function.
final class Log: @unchecked Sendable {
    private let lock: Lock
    private let mask: SecretMask
    /// Read without the lock: with no log, a line must cost no more than this look.
    private let level = SharedNumber(LogLevel.off.rawValue)

    private var sink: LogSink?
    private var lines = LogQueue()
    /// Lines lost for the present sink and not yet reported to it.
    private var unreported = 0
    private var dropped = 0
    /// The sink is running.
    private var isDelivering = false
    /// Counts the lines delivered, so that a waiting thread knows its delivery from later ones.
    private var deliveries: UInt64 = 0
    private var waiting = 0

    /// Lines handed over in one turn of the event loop: transfers wait meanwhile.
    private static let linesPerTurn = 64

    /// nil when there is no memory for it. `mask` hides what no line shows.
    init?(mask: SecretMask) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.mask = mask
    }

    func isEnabled(_ level: LogLevel) -> Bool {
        level != .off && level.rawValue <= self.level.load()
    }

    /// A line to be filled and appended; make one only when its level is enabled.
    @inline(never)
    func line(_ event: StaticString, mask: SecretMask? = nil) -> LogLine {
        LogLine(event, mask: mask ?? self.mask)
    }

    /// Hands a line over to the delivering thread; true when that thread must be woken.
    func append(_ level: LogLevel, _ line: consuming LogLine) -> Bool {
        guard isEnabled(level) else { return false }
        let text = line.finish()
        lock.acquire()
        // Another sink may have been chosen since the look above.
        guard sink != nil, isEnabled(level) else {
            lock.release()
            shim_deallocate(text)
            return false
        }
        defer { lock.release() }
        let wasIdle = lines.isEmpty && unreported == 0
        guard let text else {
            countLoss()
            return wasIdle
        }
        if !lines.append(LogEntry(level: level, text: text)) {
            shim_deallocate(text)
            countLoss()
        }
        return wasIdle
    }

    private func countLoss() {
        unreported &+= 1
        dropped &+= 1
    }

    /// Lines wait for `deliver`.
    var hasLines: Bool {
        lock.acquire()
        defer { lock.release() }
        return !lines.isEmpty || unreported > 0
    }

    /// Lines lost since the client was made.
    var droppedLines: Int {
        lock.acquire()
        defer { lock.release() }
        return dropped
    }

    /// Hands waiting lines to the host's function, on the client's own thread. What is left after
    /// some of them is for the loop's next turn, see `hasLines`.
    func deliver() {
        lock.acquire()
        var remaining = Log.linesPerTurn
        while remaining > 0, let sink, let entry = nextEntry() {
            remaining -= 1
            isDelivering = true
            deliveries &+= 1
            lock.release()
            sink.function(sink.userData, entry.level.rawValue, entry.text)
            shim_deallocate(entry.text)
            lock.acquire()
            isDelivering = false
            if waiting > 0 { lock.broadcast() }
        }
        lock.release()
    }

    /// Hands over what is left, on the client's own thread, which ends: from now on nobody would.
    func end() {
        while hasLines, shim_is_unloading() == 0 { deliver() }
        set(level: .off, function: nil, userData: nil, calledFrom: true)
    }

    /// The host's function will not return.
    func abandonDelivery() {
        lock.acquire()
        isDelivering = false
        lock.broadcast()
        lock.release()
    }

    private func nextEntry() -> LogEntry? {
        guard unreported > 0 else { return lines.popFirst() }
        var line = LogLine("log_lines_lost")
        line.add("count", unreported)
        unreported = 0
        guard let text = line.finish() else { return lines.popFirst() }
        // A host that asks for errors only has lost errors.
        return LogEntry(level: isEnabled(.warning) ? .warning : .error, text: text)
    }

    /// Chooses where lines go. Lines that wait for the former function are dropped: its
    /// `userData` may be gone, and the new one did not ask for them.
    /// docs/decisions.md, new-log-function.
    ///
    /// Unless the caller is the delivering thread itself, the former function is not running when
    /// this returns. False when there is no memory for the queue; nothing has changed then.
    @discardableResult
    func set(
        level newLevel: LogLevel,
        function: trillet_log_fn?,
        userData: UnsafeMutableRawPointer?,
        calledFrom isLoopThread: Bool
    ) -> Bool {
        lock.acquire()
        defer { lock.release() }
        if let function, newLevel != .off {
            guard lines.makeRoom() else { return false }
            sink = LogSink(function: function, userData: userData)
            level.store(newLevel.rawValue)
        } else {
            level.store(LogLevel.off.rawValue)
            sink = nil
        }
        lines.removeAll()
        unreported = 0
        if !isLoopThread { waitForDelivery() }
        return true
    }

    /// Waits, the lock being held, until the line now being delivered, if any, has been taken.
    private func waitForDelivery() {
        let current = deliveries
        waiting += 1
        while isDelivering, deliveries == current { _ = lock.wait(until: .distantFuture) }
        waiting -= 1
    }
}

/// The host's function and what it is called with.
struct LogSink {
    let function: @convention(c) (UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?) -> Void
    let userData: UnsafeMutableRawPointer?
}
