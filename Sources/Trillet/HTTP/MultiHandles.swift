import CTrillet

/// The multi handles of an event loop, and which of them gets the next transfer.
///
/// libcurl looks at every connection of a multi handle with each request, so thousands of them are
/// spread over several. They are filled in order: a small load stays in the first, and finds its
/// connections there. docs/decisions.md, several-multi-handles.
struct MultiHandles {
    typealias Handle = MultiHandle.Pointer

    let first: Handle
    private(set) var all: [Handle]
    private let maxConnections: Int
    let maySpread: Bool
    private let lookupHasBegun: UnsafeMutablePointer<Int32>
    /// None before it has a place left.
    private var firstFree = 0
    private var nextSweep = MonotonicTime.distantFuture

    private static let mostInOne = 256
    private static let places = 128
    /// As long as libcurl uses an idle connection.
    private static let idleMilliseconds = 118_000

    /// With fewer connections than requests under way, these wait for one, and must wait for all of
    /// the client's: only one multi handle has them.
    init(
        _ first: Handle,
        maxConnections: Int,
        maxTransfers: Int,
        _ lookupHasBegun: UnsafeMutablePointer<Int32>
    ) {
        self.first = first
        self.maxConnections = maxConnections
        self.lookupHasBegun = lookupHasBegun
        maySpread = maxConnections > MultiHandles.mostInOne && maxTransfers <= maxConnections
        all = [first]
    }

    /// The one for a transfer; `needsConnection` when no idle connection will do.
    @_optimize(speed)
    mutating func place(
        _ loop: EventLoop,
        needsConnection: Bool,
        isHTTP1: @autoclosure () -> Bool
    ) -> Handle {
        if loop.lastLook > nextSweep { sweep(loop.lastLook) }
        guard maySpread, first.pointee.transfers >= MultiHandles.places || needsConnection,
            isHTTP1()
        else { return first }
        return spread(loop, needsConnection)
    }

    @inline(never)
    private mutating func spread(_ loop: EventLoop, _ needsConnection: Bool) -> Handle {
        if all.count == 1 {
            // Before the protocol was known it may have got more than its share.
            first.pointee.set(places: max(MultiHandles.places, first.pointee.connections))
        }
        if needsConnection {
            for handle in all where handle.pointee.hasRoomForConnection {
                if handle.pointee.isThere() { return handle }
            }
        } else {
            while firstFree < all.count {
                let handle = all[firstFree]
                if handle.pointee.hasPlace, handle.pointee.isThere() { return handle }
                firstFree += 1
            }
        }
        return makeAnother(loop) ?? emptiest
    }

    private mutating func makeAnother(_ loop: EventLoop) -> Handle? {
        var free = maxConnections
        for handle in all { free -= handle.pointee.places }
        guard free > 0,
            let handle = MultiHandle.make(
                Unmanaged.passUnretained(loop),
                index: all.count,
                places: min(free, MultiHandles.places),
                lookupHasBegun
            )
        else { return nil }
        all.append(handle)
        if all.count == 2 { setSweep(after: loop.lastLook) }
        return handle
    }

    /// Where all are full: openings come on top of the requests.
    private var emptiest: Handle {
        var found = first
        for handle in all where handle.pointee.multi != nil {
            if handle.pointee.transfers < found.pointee.transfers { found = handle }
        }
        return found
    }

    /// A transfer has left it.
    mutating func noteFreePlace(_ handle: Handle) {
        firstFree = min(firstFree, handle.pointee.index)
    }

    /// Closes the connections that nothing will use any more. libcurl itself does so when it looks for
    /// one, in the same multi handle.
    @inline(never)
    private mutating func sweep(_ now: MonotonicTime) {
        setSweep(after: now)
        for handle in all.dropFirst() where handle.pointee.transfers == 0 {
            let end = handle.pointee.emptied.advanced(byMilliseconds: MultiHandles.idleMilliseconds)
            if end < now || handle.pointee.isSpent { giveUp(handle) }
        }
    }

    private mutating func setSweep(after now: MonotonicTime) {
        nextSweep = now.advanced(byMilliseconds: MultiHandles.idleMilliseconds / 4)
    }

    /// Closes its connections. The first one stays.
    func giveUp(_ handle: Handle) {
        if handle != first { MultiHandle.close(handle) }
    }
}
