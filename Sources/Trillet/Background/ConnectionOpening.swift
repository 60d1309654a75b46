import CTrillet

/// Connections that the client's own thread opens ahead of submitted requests, while another thread
/// waits for them.
final class ConnectionOpening {
    private let lock: Lock
    private let base: Bytes
    private let deadline: MonotonicTime
    private let wanted: Int
    private var opened = OpenedConnections()
    private var hasEnded = false

    // Of the client's thread alone.
    private var transfers: [Transfer] = []
    /// The first asks for all at once, the second for what is still missing.
    private var rounds = 0
    private static let mostRounds = 2

    /// `base` must be there as long as the client is.
    init?(_ wanted: Int, _ base: Bytes, until deadline: MonotonicTime) {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        self.wanted = wanted
        self.base = base
        self.deadline = deadline
    }

    /// What has been opened when all have ended, at the deadline, or when the host ends the wait.
    func wait(_ interrupt: inout RequestInterrupt) -> OpenedConnections {
        lock.acquire()
        defer { lock.release() }
        while !hasEnded, lock.wait(until: deadline, &interrupt) {}
        return opened
    }

    var isComplete: Bool {
        lock.acquire()
        defer { lock.release() }
        return hasEnded
    }

    // MARK: The client's thread

    /// Opens the first one: where it turns out to be shared by many requests, it is enough.
    func start(on loop: EventLoop, _ makeTransfer: () -> Transfer?) {
        add(to: loop, makeTransfer)
        if transfers.isEmpty { end() }
    }

    private func add(
        to loop: EventLoop,
        usesOpenOnes: Bool = true,
        _ makeTransfer: () -> Transfer?
    ) {
        do throws(Failure) {
            guard let transfer = makeTransfer() else { throw Failure.outOfMemory }
            let milliseconds = max(1, deadline.millisecondsFromNow)
            try transfer.beginOpening(base, timeoutMilliseconds: milliseconds)
            transfer.owner = ConnectionOpening.owner
            if !usesOpenOnes { transfer.refuseOpenConnection() }
            guard loop.add(transfer, needsConnection: !usesOpenOnes) else {
                throw Failure.outOfMemory
            }
            transfers.append(transfer)
        } catch {
            note(error)
        }
    }

    func owns(_ transfer: Transfer) -> Bool { transfers.contains { $0 === transfer } }

    /// Whether nothing of it is under way.
    var isOver: Bool { transfers.isEmpty }

    /// The mark of a transfer that belongs to no job.
    static let owner = -1

    func take(
        _ transfer: Transfer,
        _ result: CURLcode,
        on loop: EventLoop,
        otherRequests: Int,
        _ makeTransfer: () -> Transfer?
    ) {
        transfers.removeAll { $0 === transfer }
        var isEnough = true
        defer { if transfers.isEmpty { end() } }
        do throws(Failure) {
            let connection = try transfer.finishOpening(result)
            isEnough = connection?.isShared ?? true
            lock.acquire()
            opened.noteDistinct(connection)
            isEnough = isEnough || opened.connections.count >= wanted
            lock.release()
        } catch {
            note(error)
        }
        guard transfers.isEmpty, !isEnough, rounds < ConnectionOpening.mostRounds else { return }
        rounds += 1
        if rounds == 1 {
            for _ in 0..<wanted { add(to: loop, makeTransfer) }
            return
        }
        noteUnseen(loop.openConnections - otherRequests)
        for _ in opened.connections.count..<max(wanted, opened.connections.count) {
            add(to: loop, usesOpenOnes: false, makeTransfer)
        }
    }

    /// A request that ends before the next one starts leaves it its connection, so that fewer are seen
    /// than are open. The others count too: opening them again would be once too often.
    private func noteUnseen(_ open: Int) {
        lock.acquire()
        defer { lock.release() }
        guard let known = opened.connections.first else { return }
        while opened.connections.count < min(open, wanted) { opened.note(known.another) }
    }

    /// Ends what is being opened: the thread ends, or its loop cannot work.
    func abandon(_ loop: EventLoop, _ reason: Failure) {
        for transfer in transfers { loop.remove(transfer) }
        transfers = []
        note(reason)
        end()
    }

    private func note(_ failure: Failure) {
        lock.acquire()
        opened.note(failure)
        lock.release()
    }

    private func end() {
        lock.acquire()
        hasEnded = true
        lock.broadcast()
        lock.release()
    }
}
