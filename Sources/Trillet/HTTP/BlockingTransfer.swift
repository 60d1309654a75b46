import CTrillet

/// A transfer that runs on the caller's thread.
///
/// It drives a multi handle of its own, as `curl_easy_perform` does inside: the cost is the same,
/// and another thread can wake it to cancel. docs/decisions.md, own-multi-handle.
final class BlockingTransfer {
    private(set) var transfer: Transfer
    private let multi: UnsafeMutableRawPointer
    private let flood: UnsafeMutablePointer<shim_flood_guard>
    private let brokenPipe: BrokenPipeSignal
    private let longestWaitMilliseconds: Int32
    private let cancelFlag = SharedNumber()
    private let drainFlag = SharedNumber()
    private let lookupHasBegun: UnsafeMutablePointer<Int32>
    /// Of the connection that the next request may use, negative for none. Its number is the
    /// connection's until then: nobody else uses the multi handle.
    private var keptSocket: Int32 = -1

    init?(_ settings: borrowing TransferSettings) {
        guard let multi = shim_multi_new() else { return nil }
        let flood = UnsafeMutablePointer<shim_flood_guard>.allocate(capacity: 1)
        flood.initialize(to: shim_flood_guard())
        guard let transfer = Transfer(settings, flood: flood) else {
            curl_multi_cleanup(multi)
            flood.deallocate()
            return nil
        }
        self.flood = flood
        self.transfer = transfer
        self.multi = multi
        longestWaitMilliseconds = shim_multi_can_be_woken(multi) != 0 ? 1000 : 100
        brokenPipe = BrokenPipeSignal(settings)
        lookupHasBegun = .allocate(capacity: 1)
        lookupHasBegun.initialize(to: 0)
        shim_set_lookup_flag(transfer.easy, lookupHasBegun)
        _ = shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2)
    }

    deinit {
        if shim_tls_is_gone() != 0 { return }
        // Closing a TLS connection writes to it.
        _ = brokenPipe.withheld { curl_multi_cleanup(multi) }
        flood.deallocate()
        lookupHasBegun.deallocate()
    }

    /// Readies it for a request after another one; false when it is of no further use.
    func renew(_ settings: borrowing TransferSettings) -> Bool {
        guard transfer.isSpoiled else { return true }
        // The connection that libcurl opened to repeat the request is a good one. After other
        // failures nobody knows what a connection is worth.
        guard transfer.isRefused, let fresh = Transfer(settings, flood: flood) else { return false }
        shim_set_lookup_flag(fresh.easy, lookupHasBegun)
        transfer = fresh
        return true
    }

    /// Sends the request and receives the whole answer; returns its HTTP status.
    func perform(
        _ request: borrowing HTTPRequest,
        timeoutMilliseconds: Int,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) -> Int {
        try transfer.begin(request, timeoutMilliseconds: timeoutMilliseconds)
        let result = brokenPipe.withheld { run(&interrupt) }
        let isCancelled =
            cancelFlag.load() != 0 || drainFlag.load() != 0 || interrupt.isInterrupted
            || transfer.download?.isStopped == true
        if result == CURLE_ABORTED_BY_CALLBACK, isCancelled {
            throw transfer.finishCancelled()
        }
        return try transfer.finish(result)
    }

    /// May be called from any thread.
    func cancel() {
        cancelFlag.store(1)
        curl_multi_wakeup(multi)
    }

    /// The same for a request that has no connection yet.
    func cancelUnlessSent() {
        drainFlag.store(1)
        curl_multi_wakeup(multi)
    }

    private func run(_ interrupt: inout RequestInterrupt) -> CURLcode {
        leaveEndedConnection()
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            return CURLE_OUT_OF_MEMORY
        }
        defer { curl_multi_remove_handle(multi, transfer.easy) }
        while true {
            if drainFlag.load() != 0, !transfer.hasBegun { return CURLE_ABORTED_BY_CALLBACK }
            var running: Int32 = 0
            flood.pointee.records = 0
            guard shim_multi_perform(multi, &running, lookupHasBegun) == CURLM_OK else {
                return CURLE_OUT_OF_MEMORY
            }
            if running == 0 {
                let result = result()
                keptSocket = transfer.keptSocket(after: result)
                if result == CURLE_OK { _ = transfer.download?.report(isLast: true) }
                return result
            }
            let isStopped = transfer.download?.report() == false
            if isStopped || cancelFlag.load() != 0 || interrupt.isInterrupted {
                return CURLE_ABORTED_BY_CALLBACK
            }
            guard poll(&interrupt) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
        }
    }

    /// Has libcurl open another connection when the service has ended the kept one, or has written to it.
    private func leaveEndedConnection() {
        if keptSocket >= 0, transfer.service.isQuietWhenIdle {
            _ = shim_socket_end_unless_quiet(keptSocket)
        }
        keptSocket = -1
    }

    // MARK: Opening a connection ahead

    func beginOpening(_ base: Bytes, timeoutMilliseconds: Int) throws(Failure) {
        try transfer.beginOpening(base, timeoutMilliseconds: timeoutMilliseconds)
        leaveEndedConnection()
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else {
            throw Failure.outOfMemory
        }
    }

    /// Whether it has come to its end; if not, waits a moment.
    func continueOpening(waitingMilliseconds: Int32) -> Bool {
        brokenPipe.withheld {
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK, running > 0,
                cancelFlag.load() == 0, drainFlag.load() == 0
            else { return true }
            if waitingMilliseconds > 0 { curl_multi_poll(multi, nil, 0, waitingMilliseconds, nil) }
            return false
        }
    }

    func finishOpening(isInterrupted: Bool) throws(Failure) -> OpenedConnection? {
        defer { _ = brokenPipe.withheld { curl_multi_remove_handle(multi, transfer.easy) } }
        if cancelFlag.load() != 0 { throw Failure.clientClosed }
        if drainFlag.load() != 0 { throw Failure.drained }
        if isInterrupted { throw RequestInterrupt.failure }
        let code = result()
        keptSocket = transfer.keptSocket(after: code)
        transfer.note(opened: keptSocket)
        return try transfer.finishOpening(code)
    }

    /// A signal ends the wait, with nothing ready.
    private func poll(_ interrupt: inout RequestInterrupt) -> CURLMcode {
        if !interrupt.isWatched {
            return curl_multi_poll(multi, nil, 0, longestWaitMilliseconds, nil)
        }
        var ready: Int32 = 0
        let slice = min(Int32(RequestInterrupt.sliceMilliseconds), longestWaitMilliseconds)
        let result = curl_multi_poll(multi, nil, 0, slice, &ready)
        interrupt.ask(atOnce: ready == 0)
        return result
    }

    private func result() -> CURLcode {
        var queued: Int32 = 0
        while let message = curl_multi_info_read(multi, &queued) {
            if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
        }
        return CURLE_FAILED_INIT
    }
}
