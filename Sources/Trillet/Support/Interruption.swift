import CTrillet

/// The host's function that may end the blocking calls of the thread that set it.
///
/// Only that thread calls it: a host whose other threads may be frozen or gone at any moment, as an
/// interpreter's at its end, could not allow more. docs/decisions.md, signals-inside-waits.
final class Interruption {
    private let lock: Lock
    /// The thread that set the function, 0 without one. Read without the lock by every call.
    private let owner: UnsafeMutablePointer<UInt64>
    private var check: trillet_interrupt_fn?
    private var userData: UnsafeMutableRawPointer?
    /// How many calls of the function have begun and not returned.
    private var depth = 0
    /// Whether the innermost of them is of the function that is set.
    private var isRunning = false
    /// How many calls of `asker`, which closing the client would wait for, wait for the function.
    private var waitingCalls = 0
    private var asker: UInt64 = 0
    /// When calls end that waited for the function while it closed the client.
    private var end = MonotonicTime.distantFuture

    init?() {
        guard let lock = Lock() else { return nil }
        self.lock = lock
        owner = .allocate(capacity: 1)
        owner.initialize(to: 0)
    }

    deinit {
        owner.deallocate()
    }

    func set(_ check: trillet_interrupt_fn?, _ userData: UnsafeMutableRawPointer?) {
        lock.acquire()
        defer { lock.release() }
        let thread = shim_thread_here()
        if shim_word_load(owner) != thread { (depth, waitingCalls) = (0, 0) }
        isRunning = false
        self.check = check
        self.userData = userData
        shim_word_store(owner, check == nil ? 0 : thread)
    }

    /// What a call that begins on this thread has to ask; `isCounted` where closing waits for it.
    func watch(isCounted: Bool = false) -> RequestInterrupt {
        let thread = shim_word_load(owner)
        guard thread != 0, thread == shim_thread_here() else { return RequestInterrupt(nil) }
        lock.acquire()
        defer { lock.release() }
        return RequestInterrupt(self, isNested: depth > 0, isCounted: isCounted)
    }

    /// What ending the client on this thread has to ask. A function that ends it is not asked again
    /// meanwhile: it would end it once more, within itself, for as long as anything runs.
    func watchEnding() -> RequestInterrupt {
        lock.acquire()
        let isAsking = isRunning
        lock.release()
        return isAsking ? .none : watch()
    }

    /// How many calls of this thread cannot end before the function, which runs on it, returns.
    var callsWaitingHere: Int {
        lock.acquire()
        defer { lock.release() }
        return asker == shim_thread_here() ? waitingCalls : 0
    }

    /// Ends the calls that wait for the function, when it has returned and not before the time.
    func end(at time: MonotonicTime) {
        lock.acquire()
        end = min(end, time)
        lock.release()
    }

    /// Whether the host wants the call to end. No lock is held: the function may make calls.
    fileprivate func ask(isCounted: Bool) -> Bool {
        lock.acquire()
        defer { lock.release() }
        let thread = shim_thread_here()
        guard shim_word_load(owner) == thread, let check else { return MonotonicTime.now >= end }
        let userData = userData
        let wasRunning = isRunning
        isRunning = true
        depth += 1
        asker = thread
        if isCounted { waitingCalls += 1 }
        lock.release()
        let wantsEnd = check(userData) != 0
        lock.acquire()
        isRunning = wasRunning
        // Another thread may have set a function of its own.
        if depth > 0 { depth -= 1 }
        if isCounted, waitingCalls > 0 { waitingCalls -= 1 }
        return wantsEnd || MonotonicTime.now >= end
    }
}

/// One blocking call, and whether the host has ended it.
struct RequestInterrupt {
    private let interruption: Interruption?
    /// Whether the call is made by the function itself, while another call waits for that one.
    let isNested: Bool
    /// Whether closing the client waits for the call.
    private let isCounted: Bool
    private(set) var isInterrupted = false
    private var nextQuestion = MonotonicTime.distantFuture

    /// Of a wait that nobody can end.
    static var none: RequestInterrupt { RequestInterrupt(nil) }

    /// The longest that a wait lasts before the host is asked.
    static let sliceMilliseconds = 200

    fileprivate init(
        _ interruption: Interruption?,
        isNested: Bool = false,
        isCounted: Bool = false
    ) {
        self.interruption = interruption
        self.isNested = isNested
        self.isCounted = isCounted
        if interruption != nil { postpone() }
    }

    /// Whether there is anybody to ask.
    var isWatched: Bool { interruption != nil }

    /// When a wait until the deadline has to be left to ask.
    func sliceEnd(_ deadline: MonotonicTime) -> MonotonicTime { min(deadline, nextQuestion) }

    func isDue(_ now: MonotonicTime) -> Bool { interruption != nil && now >= nextQuestion }

    /// Asks the host when it is time to, or at once.
    mutating func ask(atOnce: Bool = false) {
        guard let interruption, !isInterrupted, atOnce || MonotonicTime.now >= nextQuestion else {
            return
        }
        isInterrupted = interruption.ask(isCounted: isCounted)
        postpone()
    }

    private mutating func postpone() {
        nextQuestion = MonotonicTime.now.advanced(
            byMilliseconds: RequestInterrupt.sliceMilliseconds
        )
    }

    static var failure: Failure {
        Failure(.cancelled, "The call was interrupted while it waited to be sent")
    }
}

extension Lock {
    /// Waits, the lock being held, for a signal or a broadcast; false when the time came first or
    /// the host has ended the call. The lock is free while the host is asked.
    func wait(
        on condition: Condition? = nil,
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) -> Bool {
        if interrupt.isInterrupted { return false }
        let end = interrupt.sliceEnd(deadline)
        let isTold = condition?.wait(holding: self, until: end) ?? wait(until: end)
        guard interrupt.isWatched else { return isTold }
        release()
        interrupt.ask()
        acquire()
        return !interrupt.isInterrupted && (isTold || end < deadline)
    }
}
