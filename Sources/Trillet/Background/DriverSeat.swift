import CTrillet

/// Which of the host's threads drives the event loop: one at a time, the others sleep until it leaves.
final class DriverSeat {
    private let lock: Lock
    /// The thread's number, 0 while nobody drives. Read without the lock.
    private let driver: UnsafeMutablePointer<UInt64>
    private var waiting = 0

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        driver = .allocate(capacity: 1)
        driver.initialize(to: 0)
    }

    deinit {
        driver.deallocate()
    }

    var isMine: Bool { shim_word_load(driver) == shim_thread_here() }

    /// Sits down, once nobody else does. False when it is enough, at the deadline, or when the host
    /// has ended the wait.
    func take(
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt,
        unless isEnough: () -> Bool
    ) -> Bool {
        lock.acquire()
        defer { lock.release() }
        while shim_word_load(driver) != 0 {
            waiting += 1
            defer { waiting -= 1 }
            if isEnough() || !lock.wait(until: deadline, &interrupt) { return false }
        }
        shim_word_store(driver, shim_thread_here())
        return true
    }

    func leave() {
        lock.acquire()
        shim_word_store(driver, 0)
        let isWanted = waiting > 0
        lock.release()
        if isWanted { lock.broadcast() }
    }

    /// What somebody may wait for has come.
    func noteProgress() {
        lock.acquire()
        let isWanted = waiting > 0
        lock.release()
        if isWanted { lock.broadcast() }
    }
}
