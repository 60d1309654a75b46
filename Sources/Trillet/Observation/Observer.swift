/// What a client reports about its calls: counts in the statistics, lines in the log.
final class Observer {
    let statistics: Statistics
    let log: Log
    /// Wakes the thread that delivers the log; there before the log is switched on.
    var waker: Waker?

    init?(operations: [Bytes], mask: SecretMask) {
        guard let statistics = Statistics(operations: operations), let log = Log(mask: mask)
        else { return nil }
        self.statistics = statistics
        self.log = log
    }

    func attemptStarted(_ operation: Bytes, _ attempt: Int) {
        guard log.isEnabled(.debug) else { return }
        var line = log.line("attempt_started")
        line.add("operation", text: operation)
        line.add("attempt", attempt)
        append(.debug, line)
    }

    /// An attempt failed, and another follows after the pause, on the routes if it changes to others.
    func attemptFailed(
        _ operation: Bytes,
        _ attempt: Int,
        _ failure: Failure,
        _ pauseMilliseconds: Int,
        _ routes: StaticString?,
        mask: SecretMask
    ) {
        guard log.isEnabled(.warning) else { return }
        var line = log.line("attempt_failed", mask: mask)
        line.add("operation", text: operation)
        line.add("attempt", attempt)
        line.add(failure)
        line.add("retry_in_ms", pauseMilliseconds)
        if let routes { line.add("routes", routes) }
        append(.warning, line)
    }

    /// The service asked the client to wait.
    func held(_ milliseconds: Int) {
        guard log.isEnabled(.warning) else { return }
        var line = log.line("requests_held")
        line.add("wait_ms", milliseconds)
        append(.warning, line)
    }

    func callEnded(
        _ call: borrowing RequestRecord,
        _ operation: Bytes,
        attempts: Int,
        status: Int,
        _ failure: Failure?,
        mask: SecretMask? = nil
    ) {
        statistics.record(call)
        let level: LogLevel = failure == nil ? .info : .error
        guard log.isEnabled(level) else { return }
        var line = log.line(failure == nil ? "call_succeeded" : "call_failed", mask: mask)
        line.add("operation", text: operation)
        line.add("attempts", attempts)
        if let failure {
            line.add(failure)
        } else {
            line.add("status", status)
        }
        line.add("elapsed_ms", microseconds: call.latencyMicroseconds)
        if call.turnMicroseconds > 0 { line.add("queued_ms", microseconds: call.turnMicroseconds) }
        if call.connectionsOpened > 0 { line.add("connections_opened", call.connectionsOpened) }
        append(level, line)
    }

    private func append(_ level: LogLevel, _ line: consuming LogLine) {
        if log.append(level, line) { waker?.wake() }
    }
}

extension LogLine {
    fileprivate mutating func add(_ failure: Failure) {
        add("type", failure.kind.name)
        add("status", failure.status)
        add("sent", failure.sent.name)
        if let code = failure.code { add("code", text: code) }
        add("message", text: failure.message)
        if let details = failure.details { add("details", text: details) }
    }
}
