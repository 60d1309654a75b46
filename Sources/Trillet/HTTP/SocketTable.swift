import CTrillet

/// Which sockets the poller watches, and for what.
///
/// libcurl lets go of a connection's socket after each answer and asks for it again with the next
/// request. Leaving it in the poller meanwhile saves two system calls a request.
struct SocketTable {
    private struct Entry {
        /// Made for a connection: its end is announced.
        var isConnection = false
        /// Bytes that come on it belong to no handshake.
        var isReady = false
        var wanted: Int32 = 0
        var watched: Int32 = 0
        /// Idle, and of no use any more.
        var hasEnded = false
        var handle: MultiHandle.Pointer?
    }

    private let poller: Int32
    private let isSecure: Bool
    private var entries: [Entry] = []

    init(poller: Int32, isSecure: Bool) {
        self.poller = poller
        self.isSecure = isSecure
    }

    mutating func opened(_ descriptor: Int32, by handle: MultiHandle.Pointer) {
        guard let index = index(of: descriptor) else { return }
        entries[index] = Entry(isConnection: true, isReady: !isSecure, handle: handle)
        handle.pointee.connections += 1
    }

    mutating func closed(_ descriptor: Int32) {
        guard let index = index(of: descriptor) else { return }
        // Another holder of the same socket, a forked child, would keep it in the poller.
        if entries[index].watched != 0 { shim_poller_forget(poller, descriptor) }
        if entries[index].isConnection, let handle = entries[index].handle {
            handle.pointee.connections -= 1
            if entries[index].hasEnded { handle.pointee.endedConnections -= 1 }
        }
        entries[index] = Entry()
    }

    mutating func watch(
        _ descriptor: Int32,
        for interest: Int32,
        by handle: MultiHandle.Pointer
    ) {
        guard let index = index(of: descriptor) else { return }
        entries[index].wanted = interest
        entries[index].handle = handle
        if interest == entries[index].watched { return }
        if interest == 0 {
            rest(index)
            return
        }
        let isWatched = entries[index].watched != 0
        if shim_poller_watch(poller, descriptor, interest, isWatched ? 1 : 0) != 0 {
            entries[index].watched = interest
        }
    }

    /// Nobody waits for the socket. Of an idle connection, which is always writable, only what comes
    /// is of interest: its end.
    private mutating func rest(_ index: Int) {
        guard entries[index].isConnection else { return forget(index) }
        let isWritingWatched = entries[index].watched & Int32(SHIM_WRITABLE) != 0
        guard isWritingWatched else { return }
        let readable = Int32(SHIM_READABLE)
        if shim_poller_watch(poller, Int32(index), readable, 1) != 0 {
            entries[index].watched = readable
        }
    }

    /// Whose transfer waits for the socket; nil when none does: the service closed an idle connection.
    mutating func handle(wanting descriptor: Int32) -> MultiHandle.Pointer? {
        guard let index = index(of: descriptor) else { return nil }
        if entries[index].wanted != 0 { return entries[index].handle }
        forget(index)
        return nil
    }

    /// Has what comes on idle connections noticed again.
    mutating func watchIdle(of handle: MultiHandle.Pointer) {
        for index in entries.indices where entries[index].handle == handle {
            guard isIdle(Int32(index)), entries[index].watched == 0 else { continue }
            let readable = Int32(SHIM_READABLE)
            if entries[index].hasEnded { continue }
            if shim_poller_watch(poller, Int32(index), readable, 0) != 0 {
                entries[index].watched = readable
            }
        }
    }

    /// Whose connection it is.
    func handle(of descriptor: Int32) -> MultiHandle.Pointer? {
        guard descriptor >= 0, Int(descriptor) < entries.count else { return nil }
        return entries[Int(descriptor)].handle
    }

    /// No request may use the connection again.
    mutating func noteIdleEnd(of descriptor: Int32) {
        let index = Int(descriptor)
        if entries[index].hasEnded { return }
        entries[index].hasEnded = true
        entries[index].handle?.pointee.endedConnections += 1
    }

    mutating func noteAnswer(on descriptor: Int32) {
        guard descriptor >= 0, Int(descriptor) < entries.count else { return }
        entries[Int(descriptor)].isReady = true
    }

    /// Whether it is a connection that nobody waits for. Between the steps of its handshake nobody
    /// does either.
    func isIdle(_ descriptor: Int32) -> Bool {
        guard descriptor >= 0, Int(descriptor) < entries.count else { return false }
        let entry = entries[Int(descriptor)]
        return entry.isConnection && entry.isReady && entry.wanted == 0
    }

    /// How many connections are there that the service has not closed.
    var openConnections: Int {
        var count = 0
        for index in entries.indices where entries[index].isConnection {
            if shim_socket_is_open(Int32(index)) != 0 { count += 1 }
        }
        return count
    }

    private mutating func forget(_ index: Int) {
        if entries[index].watched != 0 { shim_poller_forget(poller, Int32(index)) }
        entries[index].watched = 0
    }

    private mutating func index(of descriptor: Int32) -> Int? {
        guard descriptor >= 0 else { return nil }
        let index = Int(descriptor)
        while entries.count <= index { entries.append(Entry()) }
        return index
    }
}
