import CTrillet

/// Many transfers on one thread: a multi handle that is driven by the sockets that are ready.
///
/// Only its thread may use it, except for `waker`.
final class EventLoop {
    let waker = Waker()
    private let multi: UnsafeMutableRawPointer
    private let service: ServiceProtocol
    private var poller: Int32 = -1
    private let events: UnsafeMutablePointer<shim_multi_events>
    private let lookupHasBegun: UnsafeMutablePointer<Int32>
    private let ready: UnsafeMutablePointer<shim_ready>
    private let flood: UnsafeMutablePointer<shim_flood_guard>
    private var sockets: SocketTable
    /// When it last began to wait. Whatever had come by then it has read since.
    private(set) var lastLook = MonotonicTime.distantPast
    /// How many sockets were ready after that.
    private(set) var readyCount: Int32 = 0
    /// When libcurl wants to be called; nil while it has no timer.
    private var timer: MonotonicTime?
    private var transferCount = 0

    private var refusal: (call: StaticString, errno: Int32) = ("eventfd2", 0)

    /// The system call that the loop is refused for good, by a seccomp filter for example; nil where
    /// it only lacks a descriptor.
    var deniedCall: Failure? {
        guard refusal.errno != 0, shim_is_shortage(refusal.errno) == 0 else { return nil }
        return Failure(
            .internal,
            """
            The system refuses \(refusal.call) with errno \(Int(refusal.errno)), so that nothing can \
            be submitted; allow the call where a seccomp filter forbids it. Blocking calls work
            """
        )
    }

    static var noDescriptor: Failure {
        Failure(.connection, "No file descriptor is free, so that no connection can be opened")
    }

    private static let millisecondsAfterFailure = 20
    private static let millisecondsUntilOpen: Int32 = 20

    /// nil when there is no memory.
    static func make(_ service: ServiceProtocol, maxConnections: Int) -> EventLoop? {
        guard let multi = shim_multi_new() else { return nil }
        return EventLoop(multi, service, maxConnections: maxConnections)
    }

    private init(
        _ multi: UnsafeMutableRawPointer,
        _ service: ServiceProtocol,
        maxConnections: Int
    ) {
        self.multi = multi
        self.service = service
        sockets = SocketTable(poller: -1, isSecure: service.isSecure)
        events = .allocate(capacity: 1)
        lookupHasBegun = .allocate(capacity: 1)
        lookupHasBegun.initialize(to: 0)
        ready = .allocate(capacity: SHIM_MOST_READY)
        flood = .allocate(capacity: 1)
        flood.initialize(to: shim_flood_guard())
        events.initialize(
            to: shim_multi_events(
                context: Unmanaged.passUnretained(self).toOpaque(),
                opened: onOpened,
                closed: onClosed,
                watch: onWatch,
                set_timer: onTimer,
                lookup_has_begun: lookupHasBegun,
                has_connected: 0,
                is_unproven: 1,
                goodbyes: shim_goodbyes()
            )
        )
        _ = shim_multi_set_events(multi, events)
        _ = shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maxConnections)
        _ = shim_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, maxConnections)
    }

    deinit {
        shim_descriptor_close(poller)
        events.deallocate()
        lookupHasBegun.deallocate()
        ready.deallocate()
        flood.deallocate()
    }

    /// Whether transfers can be added: false while no descriptor is free for the loop itself.
    func open() -> Bool {
        if poller >= 0 { return true }
        guard waker.open() else {
            refusal = ("eventfd2", -waker.descriptor)
            return false
        }
        let opened = shim_poller_new()
        if opened < 0 { refusal = ("epoll_create1", -opened) }
        guard opened >= 0,
            shim_poller_watch(opened, waker.descriptor, Int32(SHIM_READABLE), 0) != 0
        else {
            shim_descriptor_close(opened)
            return false
        }
        poller = opened
        sockets = SocketTable(poller: opened, isSecure: service.isSecure)
        return true
    }

    /// Closes the connections, which are announced one by one: the object must still be there.
    func close() {
        curl_multi_cleanup(multi)
    }

    // MARK: Transfers

    /// A new transfer whose connections this loop watches.
    func makeTransfer(_ settings: borrowing TransferSettings) -> Transfer? {
        Transfer(settings, flood: flood, events: events)
    }

    func add(_ transfer: Transfer) -> Bool {
        guard curl_multi_add_handle(multi, transfer.easy) == CURLM_OK else { return false }
        transferCount += 1
        return true
    }

    /// Takes a transfer out, finished or not; one that is not loses its connection.
    func remove(_ transfer: Transfer) {
        curl_multi_remove_handle(multi, transfer.easy)
        transferCount -= 1
    }

    /// The next transfer that has ended, taken out of the loop.
    @_optimize(speed)
    func nextFinished() -> (Transfer, CURLcode)? {
        var queued: Int32 = 0
        while let message = curl_multi_info_read(multi, &queued) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let result = message.pointee.data.result
            guard let transfer = Transfer.of(message.pointee.easy_handle) else { continue }
            noteEnd(of: transfer, result)
            remove(transfer)
            return (transfer, result)
        }
        return nil
    }

    /// What the server sends behind an answer without a body would be taken for the next answer.
    @_optimize(speed)
    private func noteEnd(of transfer: Transfer, _ result: CURLcode) {
        guard transfer.body.count == 0 || transfer.isFirstOnConnection else {
            if result == CURLE_OK { transfer.noteVersion() }
            return
        }
        let socket = transfer.keptSocket(after: result)
        sockets.noteAnswer(on: socket)
        transfer.note(opened: endUnlessQuiet(socket) ? -1 : socket)
    }

    /// Whether an idle connection has been ended, since no request may use it again.
    private func endUnlessQuiet(_ descriptor: Int32) -> Bool {
        guard service.isQuietWhenIdle, sockets.isIdle(descriptor) else { return false }
        return shim_socket_end_unless_quiet(descriptor) != 0
    }

    /// How many connections are there that the service has not closed.
    var openConnections: Int { sockets.openConnections }

    // MARK: Waiting

    /// Waits until a socket is ready, a timer has run out, the time has come, `waker` is set or a
    /// signal has come, and lets libcurl work. False when it was the signal.
    @discardableResult
    @_optimize(speed)
    func wait(until time: MonotonicTime) -> Bool {
        guard open() else {
            shim_thread_sleep(EventLoop.millisecondsUntilOpen)
            return true
        }
        let mustSleep = waker.willSleep()
        lastLook = MonotonicTime.now
        let milliseconds = mustSleep ? lastLook.milliseconds(until: min(time, timerTime)) : 0
        let count = shim_poller_wait(poller, ready, Int32(SHIM_MOST_READY), milliseconds)
        waker.didWake()
        readyCount = max(0, count)
        for index in 0..<Int(readyCount) {
            let descriptor = ready[index].descriptor
            if descriptor == waker.descriptor {
                waker.clear()
            } else if sockets.isWanted(descriptor) {
                flood.pointee.records = 0
                noteResult(shim_multi_socket_action(multi, descriptor, ready[index].happened))
            } else {
                _ = endUnlessQuiet(descriptor)
            }
        }
        runTimer()
        return count >= 0
    }

    /// When libcurl wants to be called at the latest.
    var timerTime: MonotonicTime { timer ?? .distantFuture }

    /// What it waits with; negative until it is open.
    var descriptor: Int32 { poller }

    /// Lets libcurl start what was added.
    @_optimize(speed)
    func runTimer() {
        reconsider()
        guard let due = timer, due == .distantPast || due <= MonotonicTime.now else { return }
        timer = nil
        flood.pointee.records = 0
        noteResult(shim_multi_timeout_action(multi))
        reconsider()
    }

    /// A connection that carries one request at a time is none to wait for.
    @_optimize(speed)
    private func reconsider() {
        guard events.pointee.has_connected != 0 else { return }
        events.pointee.has_connected = 0
        if transferCount > 1 { shim_multi_reconsider(multi) }
    }

    /// libcurl forgets its timer when it runs out of memory; without one nothing would ever end.
    private func noteResult(_ result: CURLMcode) {
        if result != CURLM_OK { setTimer(EventLoop.millisecondsAfterFailure) }
    }

    // MARK: What libcurl reports

    fileprivate func opened(_ descriptor: Int32) { sockets.opened(descriptor) }

    fileprivate func closed(_ descriptor: Int32) { sockets.closed(descriptor) }

    fileprivate func watch(_ descriptor: Int32, _ interest: Int32) {
        sockets.watch(descriptor, for: interest)
    }

    fileprivate func setTimer(_ milliseconds: Int) {
        switch milliseconds {
        case ..<0: timer = nil
        // With every request, and no reason to read the clock.
        case 0: timer = .distantPast
        default: timer = MonotonicTime.now.advanced(byMilliseconds: milliseconds)
        }
    }
}

private func onOpened(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32) {
    withLoop(context) { $0.opened(descriptor) }
}

private func onClosed(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32) {
    withLoop(context) { $0.closed(descriptor) }
}

private func onWatch(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32, _ interest: Int32) {
    withLoop(context) { $0.watch(descriptor, interest) }
}

private func onTimer(_ context: UnsafeMutableRawPointer?, _ milliseconds: Int) {
    withLoop(context) { $0.setTimer(milliseconds) }
}

private func withLoop(_ context: UnsafeMutableRawPointer?, _ body: (EventLoop) -> Void) {
    guard let context else { return }
    Unmanaged<EventLoop>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}
