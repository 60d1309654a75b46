/// Engine "caller": the host's threads run the event loop while they wait for what it brings.
extension Client {
    /// Does what is ready, and waits for more until a request has ended; returns how many answers
    /// wait, or -1 where the host has nothing to drive.
    func drive(timeoutMilliseconds: Int) -> Int32 {
        if isForked || options.engine != .caller { return -1 }
        if !dispatch.isCurrentThread, let dispatcher = dispatch.borrow(for: self) {
            var interrupt = interruption.watch()
            let deadline = Client.end(of: timeoutMilliseconds)
            dispatcher._withUnsafeGuaranteedRef {
                $0.drive(for: .progress, until: deadline, &interrupt)
            }
        }
        return Int32(clamping: completions.count)
    }

    /// Takes an answer once there is one.
    func awaitAnswer<Answer>(_ timeoutMilliseconds: Int, _ take: () -> Answer?) -> Answer? {
        if let answer = take() { return answer }
        if dispatch.isCurrentThread { return nil }
        let isDrivenByHost = options.engine == .caller
        if timeoutMilliseconds == 0, !isDrivenByHost { return nil }
        var interrupt = isDrivenByHost ? interruption.watch() : RequestInterrupt.none
        let deadline = Client.end(of: timeoutMilliseconds)
        while let dispatcher = dispatch.borrow(for: self),
            dispatcher._withUnsafeGuaranteedRef({ !$0.inbox.hasStopped })
        {
            dispatcher._withUnsafeGuaranteedRef {
                $0.drive(for: .answer, until: deadline, &interrupt)
            }
            if let answer = take() { return answer }
            // Another thread may have taken it.
            if interrupt.isInterrupted { return nil }
            if deadline != .distantFuture, MonotonicTime.now >= deadline { return nil }
        }
        return take()
    }

    /// Readable while answers wait and, where the host drives, while there is something to do; -1 when
    /// no descriptor is free.
    var readableDescriptor: Int32 {
        if options.engine == .thread { return completions.readableDescriptor }
        return dispatch.start(for: self)?.descriptor ?? -1
    }

    static func end(of timeoutMilliseconds: Int) -> MonotonicTime {
        timeoutMilliseconds < 0
            ? .distantFuture : MonotonicTime.now.advanced(byMilliseconds: timeoutMilliseconds)
    }
}
