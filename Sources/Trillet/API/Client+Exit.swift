import CTrillet

/// Where the host has used OpenSSL first, its exit handler takes OpenSSL apart under the threads that
/// still use it: the client leaves it before that.
extension Client {
    /// How long an exit is held up at most.
    private static let exitMilliseconds = 2000

    func watchExit() throws(Failure) {
        guard settings.mayUseTLS, shim_tls_ends_at_exit() != 0 else { return }
        var functions = shim_exit_functions(hold: holdClient, end: endClients)
        let client = Unmanaged.passUnretained(self).toOpaque()
        guard shim_exit_watch(client, &functions) != 0 else { throw Failure.outOfMemory }
    }

    func forgetExit() {
        guard settings.mayUseTLS, shim_tls_ends_at_exit() != 0 else { return }
        shim_exit_forget(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Cancels what runs, and refuses what comes.
    private func cancelEverything() {
        admission.close()
        dispatch.refuseNewJobs()
        admission.cancel()
        pool.cancel()
        dispatch.cancelAll()
    }

    /// False when a thread was still at work at the deadline.
    private func waitUntilOutOfTLS(_ deadline: MonotonicTime) -> Bool {
        // The thread that exits may be the client's own, in a callback: it does nothing else.
        let hasStopped = dispatch.isCurrentThread || dispatch.waitUntilStopped(deadline)
        guard admission.waitUntilIdle(deadline), hasStopped else { return false }
        pool.closeConnections()
        return true
    }

    fileprivate static func endAtExit(_ clients: [Client]) -> Bool {
        for client in clients { client.cancelEverything() }
        let deadline = MonotonicTime.now.advanced(byMilliseconds: exitMilliseconds)
        var isInTime = true
        for client in clients where !client.waitUntilOutOfTLS(deadline) { isInTime = false }
        return isInTime
    }
}

private func holdClient(_ client: UnsafeMutableRawPointer?) {
    guard let client else { return }
    _ = Unmanaged<Client>.fromOpaque(client).retain()
}

private func endClients(
    _ held: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ count: Int
) -> Int32 {
    guard let held else { return 1 }
    var clients: [Client] = []
    for index in 0..<count {
        guard let client = held[index] else { continue }
        clients.append(Unmanaged<Client>.fromOpaque(client).takeRetainedValue())
    }
    return Client.endAtExit(clients) ? 1 : 0
}
