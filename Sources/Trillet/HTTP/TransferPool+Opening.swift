/// Connections that are opened ahead of blocking calls.
extension TransferPool {
    /// How often the connections are looked at while all of them are being opened.
    private static let stepMilliseconds: Int32 = 2

    /// Opens up to `count` connections at once, of which those that are open already are a part.
    func open(
        _ count: Int,
        _ base: Bytes,
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) -> OpenedConnections {
        var opened = OpenedConnections()
        var pending: [BlockingTransfer] = []
        while pending.count < count, let transfer = checkOutIfFree() {
            do throws(Failure) {
                let milliseconds = max(1, deadline.millisecondsFromNow)
                try transfer.beginOpening(base, timeoutMilliseconds: milliseconds)
                pending.append(transfer)
            } catch {
                opened.note(error)
                checkIn(transfer)
                break
            }
        }
        while !pending.isEmpty {
            var index = 0
            while index < pending.count {
                // One wait for all: the others are looked at when it ends.
                let wait = index == pending.count - 1 ? TransferPool.stepMilliseconds : 0
                guard
                    interrupt.isInterrupted
                        || pending[index].continueOpening(waitingMilliseconds: wait)
                else {
                    index += 1
                    continue
                }
                let transfer = pending.remove(at: index)
                opened.note(transfer, isInterrupted: interrupt.isInterrupted)
                checkIn(transfer)
            }
            interrupt.ask()
        }
        return opened
    }
}

/// What opening several connections has come to.
struct OpenedConnections {
    private(set) var connections: [OpenedConnection] = []
    /// Why the first that failed did.
    private(set) var failure: Failure?

    mutating func note(_ failure: Failure) {
        if self.failure == nil { self.failure = failure }
    }

    mutating func note(_ opened: OpenedConnection?) {
        guard let opened else {
            return note(Failure(.connection, "The service closes every connection after an answer"))
        }
        connections.append(opened)
    }

    /// The same, unless it is already known.
    mutating func noteDistinct(_ opened: OpenedConnection?) {
        if let opened, connections.contains(where: { $0.socket == opened.socket }) { return }
        note(opened)
    }

    fileprivate mutating func note(_ transfer: BlockingTransfer, isInterrupted: Bool) {
        do throws(Failure) {
            note(try transfer.finishOpening(isInterrupted: isInterrupted))
        } catch {
            note(error)
        }
    }
}
