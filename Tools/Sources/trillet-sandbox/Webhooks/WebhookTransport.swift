import CCurl
import Dispatch
import Synchronization

/// Sends webhooks with libcurl: any number at the same time, on one thread that runs while something
/// is on its way. Safe to use from any task; none of them is blocked.
final class WebhookTransport: Sendable {
    private struct State {
        var arriving: [WebhookTransfer] = []
        var isRunning = false
    }

    private static let millisecondsBetweenLooks: Int32 = 1_000
    private static let mostIdleConnections = 32

    /// Only ``queue`` uses it; waking it is allowed to everybody.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer
    private let queue = DispatchQueue(label: "trillet-sandbox.webhooks")
    private let state = Mutex(State())

    init() {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { fatalError("No memory for libcurl") }
        self.multi = multi
        shim_multi_set_number(multi, CURLMOPT_MAXCONNECTS, WebhookTransport.mostIdleConnections)
    }

    deinit {
        curl_multi_cleanup(multi)
    }

    /// Returns when the transfer has ended; soon after the task has been cancelled.
    func perform(_ transfer: WebhookTransfer) async -> WebhookTransfer.Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.whenEnded(continuation)
                start(transfer)
            }
        } onCancel: {
            transfer.cancel()
            curl_multi_wakeup(multi)
        }
    }

    private func start(_ transfer: WebhookTransfer) {
        let mustRun = state.withLock { state in
            state.arriving.append(transfer)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if mustRun {
            queue.async { self.run() }
        } else {
            curl_multi_wakeup(multi)
        }
    }

    /// Runs until nothing is on its way.
    private func run() {
        var active: [UnsafeMutableRawPointer: WebhookTransfer] = [:]
        while let arrived = arrivals(isIdle: active.isEmpty) {
            for transfer in arrived {
                active[transfer.easy] = transfer
                curl_multi_add_handle(multi, transfer.easy)
            }
            for transfer in active.values where transfer.isCancelled {
                transfer.end(.failed("The sandbox ended"))
                remove(transfer.easy, from: &active)
            }
            var count: Int32 = 0
            let result = curl_multi_perform(multi, &count)
            if result != CURLM_OK { endAll(&active, because: result) }
            while let message = curl_multi_info_read(multi, &count) {
                guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle
                else { continue }
                active[easy]?.end(shim_message_result(message))
                remove(easy, from: &active)
            }
            guard !active.isEmpty else { continue }
            curl_multi_poll(multi, nil, 0, WebhookTransport.millisecondsBetweenLooks, nil)
        }
    }

    /// What has come since the last look; `nil` when that is nothing and `isIdle`.
    private func arrivals(isIdle: Bool) -> [WebhookTransfer]? {
        state.withLock { state in
            if isIdle, state.arriving.isEmpty {
                state.isRunning = false
                return nil
            }
            defer { state.arriving.removeAll() }
            return state.arriving
        }
    }

    private func endAll(
        _ active: inout [UnsafeMutableRawPointer: WebhookTransfer],
        because result: CURLMcode
    ) {
        let reason = curl_multi_strerror(result).map { String(cString: $0) } ?? ""
        for transfer in active.values {
            transfer.end(.failed("libcurl cannot go on: \(reason)"))
            remove(transfer.easy, from: &active)
        }
    }

    private func remove(
        _ easy: UnsafeMutableRawPointer,
        from active: inout [UnsafeMutableRawPointer: WebhookTransfer]
    ) {
        curl_multi_remove_handle(multi, easy)
        active[easy] = nil
    }
}
