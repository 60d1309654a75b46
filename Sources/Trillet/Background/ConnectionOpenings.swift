import CTrillet

/// The openings of connections that a client's own thread is asked for.
final class ConnectionOpenings {
    private var underWay: [ConnectionOpening] = []
    /// 1 when the inbox has some that the thread has not seen.
    private let arrivalFlag = SharedNumber()

    /// Called on the thread of the host that asks for one.
    func haveCome() { arrivalFlag.store(1) }

    var mustStart: Bool { arrivalFlag.load() != 0 }

    @inline(never)
    func start(_ inbox: JobInbox, on loop: EventLoop, _ makeTransfer: () -> Transfer?) {
        arrivalFlag.store(0)
        for opening in inbox.takeOpenings() {
            underWay.append(opening)
            guard loop.open() else {
                opening.abandon(loop, loop.deniedCall ?? EventLoop.noDescriptor)
                continue
            }
            opening.start(on: loop, makeTransfer)
        }
    }

    @inline(never)
    func take(
        _ transfer: Transfer,
        _ result: CURLcode,
        on loop: EventLoop,
        otherRequests: Int,
        _ makeTransfer: () -> Transfer?
    ) {
        for opening in underWay where opening.owns(transfer) {
            opening.take(transfer, result, on: loop, otherRequests: otherRequests, makeTransfer)
        }
        underWay.removeAll { $0.isOver }
    }

    func abandon(_ loop: EventLoop) {
        for opening in underWay { opening.abandon(loop, Failure.clientClosed) }
    }
}
