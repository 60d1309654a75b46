import CTrillet

/// A page that is fetched while the caller works on the one before.
final class PageAhead {
    private let client: Client
    private let lock: Lock
    private var id: UInt64 = 0
    private let outcome = RequestOutcome()
    private var hasEnded = false

    /// nil when it cannot be fetched ahead: then it is fetched when it is asked for.
    static func start(_ series: Series) -> PageAhead? {
        // Where the host drives, nothing would come of it before it is asked for.
        guard let client = series.client, client.options.engine == .thread, let lock = Lock()
        else { return nil }
        let page = PageAhead(client, lock)
        // Held until the callback, which comes once and only if the request was accepted.
        let held = Unmanaged.passRetained(page)
        page.id = client.submit(
            operation: series.target.name,
            request: series.text.bytes,
            options: series.options,
            done: { userData, _, _ in PageAhead.end(userData) },
            userData: held.toOpaque(),
            outcome: page.outcome
        )
        guard page.id != 0 else {
            held.release()
            return nil
        }
        return page
    }

    private init(_ client: Client, _ lock: Lock) {
        self.client = client
        self.lock = lock
    }

    /// Waits for the outcome; nil on the client's own thread, which it would wait for.
    /// docs/decisions.md, no-waiting-on-io.
    func wait() -> RequestOutcome? {
        if client.dispatch.isCurrentThread { return outcomeIfEnded }
        var interrupt = client.interruption.watch()
        lock.acquire()
        defer { lock.release() }
        while !hasEnded, !interrupt.isInterrupted {
            _ = lock.wait(until: .distantFuture, &interrupt)
        }
        if !hasEnded {
            lock.release()
            _ = client.dispatch.started?.cancel(id)
            lock.acquire()
        }
        while !hasEnded { _ = lock.wait(until: .distantFuture) }
        return outcome
    }

    /// Ends the request, and returns when nothing of it is under way.
    func cancel() {
        if client.isForked { return }
        _ = client.dispatch.started?.cancel(id)
        _ = wait()
    }

    private var outcomeIfEnded: RequestOutcome? {
        lock.acquire()
        defer { lock.release() }
        return hasEnded ? outcome : nil
    }

    private static func end(_ userData: UnsafeMutableRawPointer?) {
        guard let userData else { return }
        Unmanaged<PageAhead>.fromOpaque(userData).takeRetainedValue().end()
    }

    private func end() {
        lock.acquire()
        hasEnded = true
        lock.broadcast()
        lock.release()
    }
}
