import CTrillet

/// Ends the wait of one thread from any other. Waking a thread that is not asleep costs no system
/// call. docs/decisions.md, cheap-waking.
final class Waker {
    private let number = SharedNumber(-1)
    /// 0 awake, 1 asleep or about to be, 2 woken.
    private let state = SharedNumber(Waker.awake)

    private static let awake: Int32 = 0
    private static let asleep: Int32 = 1
    private static let woken: Int32 = 2

    deinit {
        shim_descriptor_close(descriptor)
    }

    /// Readable while the sleeping thread is woken; negative until it could be opened.
    var descriptor: Int32 { number.load() }

    /// False when there is no descriptor, of which the number then says why: -errno. Until then the thread has to look by itself.
    func open() -> Bool {
        if descriptor < 0 { number.store(shim_event_new()) }
        return descriptor >= 0
    }

    func wake() {
        if state.exchange(Waker.woken) == Waker.asleep { shim_event_set(descriptor) }
    }

    /// To be called before the thread sleeps; false when it was woken meanwhile and must look for
    /// work again.
    func willSleep() -> Bool {
        state.exchange(Waker.asleep) != Waker.woken
    }

    func didWake() {
        _ = state.exchange(Waker.awake)
    }

    /// To be called when the descriptor is readable.
    func clear() {
        shim_event_clear(descriptor)
    }
}
