import CTrillet

/// The calls of the host's functions that are due. One at a time and in order they are made by a
/// thread that drives, while it does not drive: so nothing of the library is half done when a function
/// leaves by longjmp or ends its thread. docs/decisions.md, calls-outside-the-loop.
final class HostCalls {
    private struct Call {
        let done: trillet_done_fn
        let userData: UnsafeMutableRawPointer?
        let id: UInt64
        let answer: FinishedRequest
    }

    unowned(unsafe) private let client: Client
    private let lock: Lock
    private let log: Log
    private let waker: Waker
    private var due = Queue<Call>()
    /// What the function under way reads.
    private var underWay: FinishedRequest?
    /// Of functions that were left: the host's code may be suspended on another stack, and read on.
    private var left: [FinishedRequest] = []
    /// Their number, read without the lock.
    private let dueCount = SharedNumber()
    /// The thread that makes calls, 0 while none does. Read without the lock.
    private let maker: UnsafeMutablePointer<UInt64>
    /// The kernel's number of it: the next thread may be given the name of one that has ended.
    private let makerNumber = SharedNumber()
    /// Where on its stack the host's functions begin.
    private let depth: UnsafeMutablePointer<UInt64>
    /// How often a thread has begun to make calls.
    private var beginnings: UInt64 = 0
    /// 1 when the host is not to be called any more.
    private let silenceFlag = SharedNumber()

    private static let lookMilliseconds = 20

    init?(_ client: Client, _ waker: Waker) {
        guard let lock = Lock() else { return nil }
        self.client = client
        self.lock = lock
        log = client.observer.log
        self.waker = waker
        maker = .allocate(capacity: 1)
        maker.initialize(to: 0)
        depth = .allocate(capacity: 1)
        depth.initialize(to: 0)
    }

    deinit {
        while let call = due.popFirst() { call.answer.free() }
        underWay?.free()
        for answer in left { answer.free() }
        maker.deallocate()
        depth.deallocate()
    }

    @_optimize(speed)
    func append(_ jobs: [Job]) {
        lock.acquire()
        for job in jobs {
            guard let done = job.done, let answer = job.answer else { continue }
            due.append(Call(done: done, userData: job.userData, id: job.id, answer: answer))
        }
        dueCount.store(Int32(clamping: due.count))
        lock.release()
    }

    /// Whether this thread is inside a function of the host's that was called here. One that has left
    /// such a function by longjmp is not.
    var isInsideOne: Bool {
        shim_word_load(maker) == shim_thread_here() && shim_stack_here() < shim_word_load(depth)
            && makerNumber.load() == shim_thread_number()
    }

    /// Whether there are some that this thread could make.
    var mustBeMade: Bool { areDue && isFree }

    private var areDue: Bool {
        dueCount.load() > 0 || (log.isEnabled(.error) && mayCall && log.hasLines)
    }

    private var isFree: Bool {
        lock.acquire()
        defer { lock.release() }
        return isFreeHere
    }

    /// The lock being held.
    private var isFreeHere: Bool {
        let thread = shim_word_load(maker)
        if thread == 0 { return true }
        if thread == shim_thread_here() { return !isInsideOne }
        let number = makerNumber.load()
        if shim_thread_number_is_alive(number) == 0 { return true }
        // One that has taken the calls upon itself may sleep before it makes the first.
        let beginning = shim_word_load(depth)
        return beginning != 0 && shim_thread_sleeps_above(number, beginning) != 0
    }

    /// Forgets a call that its thread has left by longjmp.
    func recover() {
        lock.acquire()
        defer { lock.release() }
        guard shim_word_load(maker) != 0, isFreeHere else { return }
        shim_word_store(maker, 0)
        log.abandonDelivery()
    }

    /// When to look again whether another thread still makes calls; never where none are due.
    var nextLook: MonotonicTime {
        areDue ? .now.advanced(byMilliseconds: HostCalls.lookMilliseconds) : .distantFuture
    }

    /// Makes those that are due, unless another thread does, which then makes these too.
    func make() {
        if takeUpon() { makeTaken() }
    }

    /// Has this thread make those that are due, and no other. A thread that drives does so before it
    /// leaves the loop: the next one to drive would make them first.
    func takeUpon() -> Bool { areDue && begin() }

    /// In a child that a function of the host's has forked, and in which it returns, everything is left
    /// as it is.
    func makeTaken() {
        let beginning = beginnings
        shim_far_down_the_stack(depth, makeHostCalls, Unmanaged.passUnretained(self).toOpaque())
        if client.isForked { return }
        lock.acquire()
        // A thread that sleeps on another stack meanwhile is taken for one that has left.
        if beginnings == beginning {
            shim_word_store(maker, 0)
            lock.broadcast()
        }
        lock.release()
        // For a thread that drives, and left them to this one.
        if areDue { waker.wake() }
    }

    private func begin() -> Bool {
        lock.acquire()
        defer { lock.release() }
        guard isFreeHere else { return false }
        if shim_word_load(maker) != 0 { log.abandonDelivery() }
        if let answer = underWay { left.append(answer) }
        underWay = nil
        beginnings &+= 1
        makerNumber.store(shim_thread_number())
        shim_word_store(depth, 0)
        shim_word_store(maker, shim_thread_here())
        return true
    }

    fileprivate func makeAll() {
        var returned: Call?
        while let call = next(after: returned) {
            if mayCall { call.done(call.userData, call.id, call.answer.text) }
            if client.isForked { return }
            returned = call
        }
        if log.isEnabled(.error), mayCall { log.deliver() }
    }

    private var mayCall: Bool {
        // What the host's code has is taken apart before this library's is.
        shim_is_unloading() == 0 && silenceFlag.load() == 0
    }

    private func next(after returned: Call?) -> Call? {
        lock.acquire()
        defer { lock.release() }
        if let answer = returned?.answer {
            // A thread that was taken for one that had left.
            if underWay?.text != answer.text { left.removeAll { $0.text == answer.text } }
            answer.free()
        }
        let call = due.popFirst()
        underWay = call?.answer
        dueCount.store(Int32(clamping: due.count))
        return call
    }

    func silence() { silenceFlag.store(1) }

    /// Makes what is left, and returns when no other thread is inside a function of the host's.
    func finish() {
        if silenceFlag.load() != 0 { return }
        make()
        lock.acquire()
        while !isFreeHere {
            let look = MonotonicTime.now.advanced(byMilliseconds: HostCalls.lookMilliseconds)
            _ = lock.wait(until: look)
        }
        lock.release()
        make()
    }
}

private func makeHostCalls(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<HostCalls>.fromOpaque(context)._withUnsafeGuaranteedRef { $0.makeAll() }
}
