/// Until when a request may start, looked at once more when its connection stands.
struct StartFence {
    /// For a request that may have waited long for a connection.
    var before = MonotonicTime.distantFuture
    var notAfter = BootTime.never
    private(set) var refusal: Refusal?

    enum Refusal {
        case deadline
        case notAfter
    }

    /// Whether the request may start. What has started once, another look does not undo.
    mutating func opens(hasStarted: Bool) -> Bool {
        if before != .distantFuture, before <= .now {
            refusal = .deadline
        } else if !hasStarted, notAfter.isPast {
            refusal = .notAfter
        }
        return refusal == nil
    }
}
