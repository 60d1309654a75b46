import CTrillet

/// One of the multi handles of an event loop, and what libcurl has said of it.
///
/// In memory of its own: libcurl knows its address.
struct MultiHandle {
    typealias Pointer = UnsafeMutablePointer<MultiHandle>

    /// Nil until there is one: it needs its first multi handle to be made.
    var loop: Unmanaged<EventLoop>?
    /// Its place among those of the loop.
    let index: Int
    /// nil while it has no transfers and no connections.
    var multi: UnsafeMutableRawPointer?
    let events: UnsafeMutablePointer<shim_multi_events>
    /// When libcurl wants to be called.
    var timer = MonotonicTime.distantFuture
    /// How many transfers it may have, and connections.
    var places: Int
    /// A lower limit on its connections, while few of them may carry all requests.
    private(set) var mostConnections = Int.max
    var transfers = 0
    var connections = 0
    /// Those of them that are idle and that the service has closed, or that nothing may use again.
    var endedConnections = 0
    /// Whether something came on idle ones, of which libcurl does not know.
    var mustPrune = false
    /// When its last transfer left it.
    var emptied = MonotonicTime.distantPast
    /// Whether libcurl has been called since its finished transfers were taken.
    var isStirred = false
    var nextStirred: Pointer?

    /// nil when there is no memory.
    static func make(
        _ loop: Unmanaged<EventLoop>?,
        index: Int,
        places: Int,
        _ lookupHasBegun: UnsafeMutablePointer<Int32>
    ) -> Pointer? {
        guard let multi = shim_multi_new() else { return nil }
        let events = UnsafeMutablePointer<shim_multi_events>.allocate(capacity: 1)
        let handle = Pointer.allocate(capacity: 1)
        events.initialize(
            to: shim_multi_events(
                context: UnsafeMutableRawPointer(handle),
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
        handle.initialize(
            to: MultiHandle(loop: loop, index: index, events: events, places: places)
        )
        handle.pointee.use(multi)
        return handle
    }

    /// Closes its connections, which are announced one by one.
    static func close(_ handle: Pointer) {
        guard let multi = handle.pointee.multi else { return }
        handle.pointee.multi = nil
        curl_multi_cleanup(multi)
        handle.pointee.timer = .distantFuture
    }

    static func free(_ handle: Pointer) {
        handle.pointee.events.deallocate()
        handle.deallocate()
    }

    private init(
        loop: Unmanaged<EventLoop>?,
        index: Int,
        events: UnsafeMutablePointer<shim_multi_events>,
        places: Int
    ) {
        self.loop = loop
        self.index = index
        self.events = events
        self.places = places
    }

    /// Whether there is one of libcurl's, which is made again where it was given up.
    mutating func isThere() -> Bool {
        if multi != nil { return true }
        guard let multi = shim_multi_new() else { return false }
        use(multi)
        return true
    }

    private mutating func use(_ multi: UnsafeMutableRawPointer) {
        self.multi = multi
        _ = shim_multi_set_events(multi, events)
        limitConnections()
    }

    mutating func set(places: Int) {
        self.places = places
        limitConnections()
    }

    mutating func set(mostConnections: Int) {
        self.mostConnections = mostConnections
        limitConnections()
    }

    mutating func set(mostStreams: Int) {
        guard let multi else { return }
        _ = shim_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, mostStreams)
    }

    /// Has libcurl close the idle connections that the service has closed.
    mutating func prune() {
        mustPrune = false
        guard let multi else { return }
        // The transfer that does it must not cost another connection its place.
        _ = shim_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 0)
        shim_multi_prune(multi)
        limitConnections()
    }

    private func limitConnections() {
        guard let multi else { return }
        _ = shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, places)
        let most = min(places, mostConnections)
        _ = shim_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most)
    }

    var hasPlace: Bool { transfers < places }

    /// Whether a further connection costs none that is open. That each transfer needs one of its own is
    /// the worst that can be.
    var hasRoomForConnection: Bool { connections + transfers < places }

    /// Whether nothing but connections of no use is left in it.
    var isSpent: Bool { transfers == 0 && endedConnections >= connections }
}

private func onOpened(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32) {
    withLoop(context) { loop, _ in loop.opened(descriptor) }
}

private func onClosed(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32) {
    withLoop(context) { loop, _ in loop.closed(descriptor) }
}

private func onWatch(_ context: UnsafeMutableRawPointer?, _ descriptor: Int32, _ interest: Int32) {
    withLoop(context) { loop, handle in loop.watch(descriptor, interest, by: handle) }
}

private func onTimer(_ context: UnsafeMutableRawPointer?, _ milliseconds: Int) {
    withLoop(context) { loop, handle in loop.setTimer(milliseconds, of: handle) }
}

private func withLoop(
    _ context: UnsafeMutableRawPointer?,
    _ body: (EventLoop, MultiHandle.Pointer) -> Void
) {
    guard let handle = context?.assumingMemoryBound(to: MultiHandle.self) else { return }
    handle.pointee.loop?._withUnsafeGuaranteedRef { body($0, handle) }
}

extension Transfer {
    /// The transfer that a libcurl handle belongs to.
    static func of(_ easy: UnsafeMutableRawPointer?) -> Transfer? {
        guard let easy, let context = shim_info_pointer(easy, CURLINFO_PRIVATE) else { return nil }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    }
}
