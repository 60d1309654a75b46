import CTrillet

/// Which thread drives the event loop: one at a time. Threads of the host that wait for what the loop
/// brings drive it themselves, the others of them sleep until that one leaves. The client's own thread,
/// where it has one, drives while none of them does. docs/decisions.md, waiting-threads-drive.
final class DriverSeat {
    private let lock: Lock
    private let waker: Waker
    /// The thread that drives, 0 while none does. Read without the lock.
    private let driver: UnsafeMutablePointer<UInt64>
    /// How often somebody may have got what he waited for.
    private var progressCount: UInt64 = 0
    /// Changes whenever a waiting thread has to look. A word and no condition: a signal ends the wait.
    private let bell = SharedNumber()
    /// The host's threads that would drive.
    private var waiting = 0
    /// 1 while there are any and the client's own thread drives.
    private let wantedFlag = SharedNumber()

    // Of the client's own thread.
    private let ownTurn: Condition
    private var isOwnThread = false
    private var isOwnThreadAsleep = false
    /// A thread of the host has driven since: in all likelihood it comes back at once.
    private var mayComeBack = false
    private var departures: UInt64 = 0
    /// How long nobody drives before the client's own thread does.
    private static let napMilliseconds = 2
    /// How long its thread sleeps beside threads of the host that come and go.
    private static let longNapMilliseconds = 6

    init?(_ waker: Waker) {
        guard let lock = Lock(), let ownTurn = Condition() else { return nil }
        self.lock = lock
        self.ownTurn = ownTurn
        self.waker = waker
        driver = .allocate(capacity: 1)
        driver.initialize(to: 0)
    }

    deinit {
        driver.deallocate()
    }

    // MARK: The host's threads

    var progress: UInt64 {
        lock.acquire()
        defer { lock.release() }
        return progressCount
    }

    /// Sits down, once nobody else does. False when it is enough, at the deadline, when the host has
    /// ended the wait, or when there was progress beyond `known`.
    func take(
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt,
        beyond known: UInt64? = nil,
        unless isEnough: () -> Bool
    ) -> Bool {
        lock.acquire()
        defer { lock.release() }
        let thread = shim_thread_here()
        while true {
            if let known, known != progressCount { return false }
            let driving = shim_word_load(driver)
            // A signal's handler may have left the library by longjmp.
            if driving == 0 || driving == thread { break }
            if isEnough() { return false }
            if isOwnThread {
                wantedFlag.store(1)
                waker.wake()
            }
            let isSignalled = waitForBell(until: interrupt.sliceEnd(deadline))
            if interrupt.isWatched {
                lock.release()
                interrupt.ask(atOnce: isSignalled)
                lock.acquire()
            }
            if interrupt.isInterrupted || (isSignalled && known != nil) { return false }
            let isFree = shim_word_load(driver) == 0
            if !isFree, deadline != .distantFuture, MonotonicTime.now >= deadline { return false }
        }
        shim_word_store(driver, thread)
        return true
    }

    /// Whether a signal ended the wait. The lock is free meanwhile.
    private func waitForBell(until time: MonotonicTime) -> Bool {
        let known = bell.load()
        waiting += 1
        lock.release()
        let isSignalled = bell.wait(while: known, until: time)
        lock.acquire()
        waiting -= 1
        return isSignalled
    }

    /// Gives the lock back, and has those that wait look.
    private func releaseAndRing() {
        let isWanted = waiting > 0
        if isWanted { bell.store(bell.load() &+ 1) }
        lock.release()
        if isWanted { bell.wakeAll() }
    }

    /// With `forGood` there is no reason to come back.
    func leave(forGood: Bool = false) {
        lock.acquire()
        shim_word_store(driver, 0)
        departures &+= 1
        mayComeBack = !forGood
        let wakesOwnThread = isOwnThreadAsleep
        isOwnThreadAsleep = false
        releaseAndRing()
        if wakesOwnThread { ownTurn.signal() }
    }

    /// What somebody may wait for has come.
    func noteProgress() {
        lock.acquire()
        progressCount &+= 1
        releaseAndRing()
    }

    /// There is something that only the client's own thread does.
    func callOwnThread() {
        lock.acquire()
        isOwnThreadAsleep = false
        lock.release()
        ownTurn.signal()
    }

    // MARK: The client's own thread

    /// Whether it has to leave.
    var isWanted: Bool { wantedFlag.load() != 0 }

    /// Sits down, once none of the host's threads does. False when it has something else to do.
    func takeAsOwnThread(unless hasOtherWork: () -> Bool) -> Bool {
        lock.acquire()
        defer { lock.release() }
        var known = departures
        while !hasOtherWork() {
            let isDriven = shim_word_load(driver) != 0
            let comesAndGoes = departures != known
            known = departures
            if isDriven, !comesAndGoes {
                isOwnThreadAsleep = true
                _ = lock.wait(on: ownTurn, until: .distantFuture)
                isOwnThreadAsleep = false
                continue
            }
            // Not woken by each departure: that costs two switches of threads for each wave of answers.
            if isDriven || mayComeBack || waiting > 0 {
                let nap = isDriven ? DriverSeat.longNapMilliseconds : DriverSeat.napMilliseconds
                let end = MonotonicTime.now.advanced(byMilliseconds: nap)
                let isTold = lock.wait(on: ownTurn, until: end)
                if isTold || shim_word_load(driver) != 0 || departures != known { continue }
            }
            mayComeBack = false
            isOwnThread = true
            wantedFlag.store(0)
            shim_word_store(driver, shim_thread_here())
            return true
        }
        return false
    }

    func leaveAsOwnThread() {
        lock.acquire()
        shim_word_store(driver, 0)
        isOwnThread = false
        releaseAndRing()
    }
}

extension Lock {
    fileprivate func wait(on condition: Condition, until deadline: MonotonicTime) -> Bool {
        condition.wait(holding: self, until: deadline)
    }
}
