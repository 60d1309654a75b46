import CTrillet

/// Many transfers on one thread: multi handles that are driven by the sockets that are ready.
///
/// Only its thread may use it, except for `waker`.
final class EventLoop {
    let waker = Waker()
    private var handles: MultiHandles
    private let service: ServiceProtocol
    private var poller: Int32 = -1
    /// Those of the first multi handle: a transfer reports to them, whichever it is in.
    private let events: UnsafeMutablePointer<shim_multi_events>
    /// Without it each multi handle would look up the same name, for all of its transfers.
    private let sharedLookups: UnsafeMutableRawPointer?
    private let lookupHasBegun: UnsafeMutablePointer<Int32>
    private let ready: UnsafeMutablePointer<shim_ready>
    private let flood: UnsafeMutablePointer<shim_flood_guard>
    private var sockets: SocketTable
    private var sharing = ConnectionSharing()
    /// When it last began to wait. Whatever had come by then it has read since.
    private(set) var lastLook = MonotonicTime.distantPast
    /// How many sockets were ready after that.
    private(set) var readyCount: Int32 = 0
    /// When libcurl wants to be called at the latest.
    private var timerTime = MonotonicTime.distantFuture
    /// When idle connections are to be looked through.
    private var pruneTime = MonotonicTime.distantFuture
    /// The multi handle that has been called last.
    private var current: MultiHandle.Pointer
    private var hasSeveral = false
    /// Whether the thread that drives could be cancelled before. It may leave a wait by longjmp, out of
    /// a signal's handler, and must not keep what only the work needs.
    var cancelState = shim_thread_no_cancel()
    /// Those that may have finished transfers.
    private var stirred: MultiHandle.Pointer?

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
    /// libcurl looks through them once a second at most.
    private static let millisecondsUntilPruned = 1100
    private static let millisecondsUntilOpen: Int32 = 20

    /// nil when there is no memory. At most so many transfers are in it at once, besides openings.
    static func make(
        _ service: ServiceProtocol,
        maxConnections: Int,
        maxTransfers: Int
    ) -> EventLoop? {
        let lookupHasBegun = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        lookupHasBegun.initialize(to: 0)
        guard
            let first = MultiHandle.make(nil, index: 0, places: maxConnections, lookupHasBegun)
        else {
            lookupHasBegun.deallocate()
            return nil
        }
        let handles = MultiHandles(
            first,
            maxConnections: maxConnections,
            maxTransfers: maxTransfers,
            lookupHasBegun
        )
        return EventLoop(handles, service, lookupHasBegun)
    }

    private init(
        _ handles: MultiHandles,
        _ service: ServiceProtocol,
        _ lookupHasBegun: UnsafeMutablePointer<Int32>
    ) {
        self.handles = handles
        self.service = service
        self.lookupHasBegun = lookupHasBegun
        current = handles.first
        events = current.pointee.events
        sharedLookups = handles.maySpread ? shim_shared_lookups_new() : nil
        sockets = SocketTable(poller: -1, isSecure: service.isSecure)
        ready = .allocate(capacity: SHIM_MOST_READY)
        flood = .allocate(capacity: 1)
        flood.initialize(to: shim_flood_guard())
        current.pointee.loop = Unmanaged.passUnretained(self)
    }

    deinit {
        shim_descriptor_close(poller)
        for handle in handles.all { MultiHandle.free(handle) }
        if let sharedLookups { curl_share_cleanup(sharedLookups) }
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
        for handle in handles.all { MultiHandle.close(handle) }
    }

    // MARK: Transfers

    /// A new transfer whose connections this loop watches.
    func makeTransfer(_ settings: borrowing TransferSettings) -> Transfer? {
        guard let transfer = Transfer(settings, flood: flood, events: events) else { return nil }
        if let sharedLookups {
            _ = shim_set_pointer(transfer.easy, CURLOPT_SHARE, sharedLookups)
        }
        if transfer.announcesConnections { sharing.begin(handles.first) }
        return transfer
    }

    /// `needsConnection` where it uses none that is open.
    @_optimize(speed)
    func add(_ transfer: Transfer, needsConnection: Bool = false) -> Bool {
        let handle = handles.place(
            self,
            needsConnection: needsConnection,
            isHTTP1: service.isQuietWhenIdle
        )
        if handle != handles.first { hasSeveral = true }
        if sharing.isExpected, service.sharesBadly { sharing.giveUp(handles.first) }
        guard let multi = handle.pointee.multi,
            curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
        else { return false }
        transfer.enter(handle)
        handle.pointee.transfers += 1
        return true
    }

    /// Takes a transfer out, finished or not; one that is not loses its connection.
    @_optimize(speed)
    func remove(_ transfer: Transfer) {
        guard let handle = transfer.handle, let multi = handle.pointee.multi else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        handle.pointee.transfers -= 1
        if handle.pointee.transfers == 0 { handle.pointee.emptied = lastLook }
        handles.noteFreePlace(handle)
    }

    /// The next transfer that has ended, taken out of the loop.
    @_optimize(speed)
    func nextFinished() -> (Transfer, CURLcode)? {
        while let handle = stirred {
            var queued: Int32 = 0
            while let multi = handle.pointee.multi,
                let message = curl_multi_info_read(multi, &queued)
            {
                guard message.pointee.msg == CURLMSG_DONE else { continue }
                let result = message.pointee.data.result
                guard let transfer = Transfer.of(message.pointee.easy_handle) else { continue }
                noteEnd(of: transfer, result)
                remove(transfer)
                return (transfer, result)
            }
            stirred = handle.pointee.nextStirred
            handle.pointee.isStirred = false
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
        guard shim_socket_end_unless_quiet(descriptor) != 0 else { return false }
        sockets.noteIdleEnd(of: descriptor)
        return true
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
        if lastLook >= pruneTime { pruneIdle() }
        let milliseconds = mustSleep ? lastLook.milliseconds(until: min(time, nextTime)) : 0
        let count = shim_poller_wait(
            poller,
            ready,
            Int32(SHIM_MOST_READY),
            milliseconds,
            cancelState
        )
        waker.didWake()
        readyCount = max(0, count)
        for index in 0..<Int(readyCount) {
            let descriptor = ready[index].descriptor
            if descriptor == waker.descriptor {
                waker.clear()
            } else if let handle = sockets.handle(wanting: descriptor) {
                turn(to: handle)
                let happened = ready[index].happened
                noteResult(shim_multi_socket_action(handle.pointee.multi, descriptor, happened))
            } else if sockets.isIdle(descriptor), let handle = sockets.handle(of: descriptor) {
                noteWord(on: descriptor, of: handle)
            }
        }
        runTimer()
        return count >= 0
    }

    /// When it has something to do, whatever comes.
    var nextTime: MonotonicTime { min(timerTime, pruneTime) }

    /// Something came on an idle connection: its end, in all likelihood.
    @inline(never)
    private func noteWord(on descriptor: Int32, of handle: MultiHandle.Pointer) {
        _ = endUnlessQuiet(descriptor)
        if handle.pointee.isSpent, handle != handles.first { return handles.giveUp(handle) }
        mustPrune(handle)
    }

    private func mustPrune(_ handle: MultiHandle.Pointer) {
        handle.pointee.mustPrune = true
        if pruneTime != .distantFuture { return }
        pruneTime = lastLook.advanced(byMilliseconds: EventLoop.millisecondsUntilPruned)
    }

    /// libcurl itself looks at idle connections only when a transfer needs one.
    @inline(never)
    private func pruneIdle() {
        pruneTime = .distantFuture
        for handle in handles.all where handle.pointee.mustPrune {
            turn(to: handle)
            handle.pointee.prune()
            sockets.watchIdle(of: handle)
            if handle.pointee.endedConnections > 0 {
                mustPrune(handle)
            } else if handle.pointee.isSpent {
                handles.giveUp(handle)
            }
        }
    }

    /// What it waits with; negative until it is open.
    var descriptor: Int32 { poller }

    /// Lets libcurl start what was added.
    @_optimize(speed)
    func runTimer() {
        reconsider()
        // With every request, and no reason to read the clock.
        let isNow = timerTime == .distantPast
        if !isNow, timerTime == .distantFuture || timerTime > MonotonicTime.now { return }
        if hasSeveral {
            runTimers()
        } else {
            timerTime = .distantFuture
            runTimer(of: current)
        }
        reconsider()
    }

    @inline(never)
    private func runTimers() {
        let now = MonotonicTime.now
        timerTime = .distantFuture
        for handle in handles.all {
            if handle.pointee.timer <= now { runTimer(of: handle) }
            // What it sets meanwhile, it sets here too.
            timerTime = min(timerTime, handle.pointee.timer)
        }
    }

    @_optimize(speed)
    private func runTimer(of handle: MultiHandle.Pointer) {
        handle.pointee.timer = .distantFuture
        turn(to: handle)
        noteResult(shim_multi_timeout_action(handle.pointee.multi))
    }

    /// libcurl is to be called with this multi handle.
    @_optimize(speed)
    private func turn(to handle: MultiHandle.Pointer) {
        flood.pointee.records = 0
        if handle != current {
            reconsider()
            current = handle
        }
        if handle.pointee.isStirred { return }
        handle.pointee.isStirred = true
        handle.pointee.nextStirred = stirred
        stirred = handle
    }

    /// A connection that carries one request at a time is none to wait for, and others may have been
    /// waiting until this one was there.
    @_optimize(speed)
    private func reconsider() {
        let kinds = events.pointee.has_connected
        if kinds == 0 { return }
        events.pointee.has_connected = 0
        let mayOpenMore = sharing.note(kinds, in: handles.first)
        guard current.pointee.transfers > 1, let multi = current.pointee.multi else { return }
        shim_multi_reconsider(multi, mayOpenMore ? 1 : 0)
    }

    /// libcurl forgets its timer when it runs out of memory; without one nothing would ever end.
    private func noteResult(_ result: CURLMcode) {
        if result != CURLM_OK { setTimer(EventLoop.millisecondsAfterFailure, of: current) }
    }

    // MARK: What libcurl reports

    func opened(_ descriptor: Int32) { sockets.opened(descriptor, by: current) }

    func closed(_ descriptor: Int32) { sockets.closed(descriptor) }

    func watch(_ descriptor: Int32, _ interest: Int32, by handle: MultiHandle.Pointer) {
        sockets.watch(descriptor, for: interest, by: handle)
    }

    func setTimer(_ milliseconds: Int, of handle: MultiHandle.Pointer) {
        let time: MonotonicTime =
            switch milliseconds {
            case ..<0: .distantFuture
            case 0: .distantPast
            default: MonotonicTime.now.advanced(byMilliseconds: milliseconds)
            }
        handle.pointee.timer = time
        // The latest of several is found when the earliest has come.
        timerTime = hasSeveral ? min(timerTime, time) : time
    }
}
