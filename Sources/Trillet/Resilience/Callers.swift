import CTrillet

/// The host's threads inside a blocking function of the client, and whether it takes more of them.
final class Callers {
    private let lock: Lock
    private var count = 0
    /// 1 when no new call is taken.
    private let closedFlag = SharedNumber()
    /// Between two requests that belong together.
    private var idling: [Condition] = []

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
    }

    var isClosed: Bool { closedFlag.load() != 0 }

    /// Counts a thread that `leave` will take off.
    func enter() throws(Failure) {
        lock.acquire()
        defer { lock.release() }
        if isClosed { throw Failure.closed }
        count += 1
    }

    func leave() {
        if isClosed {
            shim_exit_begin_leaving()
            shim_exit_end_leaving()
        }
        lock.acquire()
        count -= 1
        if isClosed { lock.broadcast() }
        lock.release()
    }

    /// Waits between two requests that belong together. It ends when the client closes, whatever time
    /// running requests are given: nothing is under way that could still end well.
    func idle(
        until time: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) throws(Failure) {
        guard let condition = Condition() else { throw Failure.outOfMemory }
        lock.acquire()
        defer { lock.release() }
        idling.append(condition)
        while !isClosed, lock.wait(on: condition, until: time, &interrupt) {}
        idling.removeAll { $0 === condition }
        if interrupt.isInterrupted { throw RequestInterrupt.failure }
        if isClosed { throw Failure.clientClosed }
    }

    /// Takes no new call.
    func close() {
        lock.acquire()
        closedFlag.store(1)
        for condition in idling { condition.signal() }
        lock.release()
    }

    /// False when more threads than the excepted ones were still inside at the deadline, or when the
    /// host ended the wait.
    func waitUntilGone(
        _ deadline: MonotonicTime,
        except excepted: Int = 0,
        _ interrupt: inout RequestInterrupt
    ) -> Bool {
        lock.acquire()
        defer { lock.release() }
        while count > excepted {
            guard lock.wait(until: deadline, &interrupt) else { return count <= excepted }
        }
        return true
    }
}
