import CTrillet

/// Where the host has used OpenSSL first, its exit handler takes OpenSSL apart under the threads that
/// still use it: the client leaves it before that. Over plain HTTP as well, since a thread's queue of
/// errors is OpenSSL's too, and is freed when the thread ends. And a client that is still there when the library
/// is unloaded takes its thread away, which would go on in code that is no longer there.
extension Client {
    /// How long an exit is held up at most.
    private static let exitMilliseconds = 2000

    func watchExit() throws(Failure) {
        var functions = shim_exit_functions(
            hold: holdClient,
            end: endClients,
            leave: leaveClients
        )
        let client = Unmanaged.passUnretained(self).toOpaque()
        switch shim_exit_watch(client, shim_tls_ends_at_exit(), &functions) {
        case 0: throw Failure.outOfMemory
        case Int32(SHIM_EXITING):
            throw Failure(.closed, "The process is exiting, so no client can be made any more")
        default: break
        }
    }

    func forgetExit() {
        shim_exit_forget(Unmanaged.passUnretained(self).toOpaque())
    }

    /// Cancels what runs, and refuses what comes.
    private func cancelEverything() {
        callers.close()
        dispatch.refuseNewJobs()
        admission.cancel()
        pool.cancel()
        dispatch.cancelAll()
    }

    /// False when a thread was still at work at the deadline.
    private func waitUntilOutOfTLS(_ deadline: MonotonicTime) -> Bool {
        // The thread that exits may be in a callback: it does nothing else, and nobody drives any more.
        let hasStopped =
            dispatch.isCurrentThread
            ? dispatch.shutOutDrivers(deadline) : dispatch.waitUntilStopped(deadline)
        var unasked = RequestInterrupt.none
        guard callers.waitUntilGone(deadline, &unasked), hasStopped else { return false }
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

    fileprivate static func removeThreads(of clients: [Client]) {
        for client in clients { client.dispatch.wake() }
        let deadline = MonotonicTime.now.advanced(byMilliseconds: exitMilliseconds)
        for client in clients { client.dispatch.waitUntilGone(deadline) }
    }
}

private func holdClient(_ client: UnsafeMutableRawPointer?) {
    guard let client else { return }
    _ = Unmanaged<Client>.fromOpaque(client).retain()
}

private func takeClients(
    _ held: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ count: Int
) -> [Client] {
    var clients: [Client] = []
    guard let held else { return clients }
    for index in 0..<count {
        guard let client = held[index] else { continue }
        clients.append(Unmanaged<Client>.fromOpaque(client).takeRetainedValue())
    }
    return clients
}

private func endClients(
    _ held: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ count: Int
) -> Int32 {
    Client.endAtExit(takeClients(held, count)) ? 1 : 0
}

private func leaveClients(
    _ held: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ count: Int
) {
    Client.removeThreads(of: takeClients(held, count))
}
