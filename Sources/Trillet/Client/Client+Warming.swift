/// `trillet_client_warm`: connections that are open before the first request.
extension Client {
    private static let warmName: StaticString = "client.warm"

    func warm(connections count: Int, timeoutMilliseconds: Int) -> FinishedRequest {
        let started = MonotonicTime.now
        do throws(Failure) {
            if isForked { throw Failure.forked }
            try check(count)
            if callers.isClosed { throw Failure.closed }
            let timeout =
                timeoutMilliseconds < 0 ? options.timeoutMilliseconds : timeoutMilliseconds
            let deadline = started.advanced(byMilliseconds: timeout)
            var interrupt = interruption.watch(isCounted: true)
            let background = beginOpening(count, until: deadline)
            try callers.enter()
            let blocking = pool.open(count, urlPrefix.bytes, until: deadline, &interrupt)
            // The host's functions are called while it drives: one that leaves by longjmp must not leave
            // a call behind that closing waits for.
            if options.engine == .caller { callers.leave() }
            defer { if options.engine == .thread { callers.leave() } }
            let submitted = wait(for: background, until: deadline, &interrupt)
            return answer(count, blocking, submitted, started: started)
        } catch {
            return .refused(error, operation: Client.warmName.bytes, started: started)
        }
    }

    private func beginOpening(_ count: Int, until deadline: MonotonicTime) -> ConnectionOpening? {
        guard let dispatcher = dispatch.borrow(for: self),
            let opening = ConnectionOpening(count, urlPrefix.bytes, until: deadline)
        else { return nil }
        return dispatcher._withUnsafeGuaranteedRef { $0.open(opening) } ? opening : nil
    }

    private func wait(
        for opening: ConnectionOpening?,
        until deadline: MonotonicTime,
        _ interrupt: inout RequestInterrupt
    ) -> OpenedConnections {
        guard let opening else { return OpenedConnections() }
        if options.engine == .caller, let dispatcher = dispatch.borrow(for: self) {
            dispatcher._withUnsafeGuaranteedRef {
                $0.drive(for: .opening(opening), until: deadline, &interrupt)
            }
        }
        return opening.wait(&interrupt)
    }

    private func check(_ count: Int) throws(Failure) {
        guard count >= 1, count <= options.mostConnections else {
            throw Failure.invalidArgument(
                "connections is \(count); give 1 to \(options.mostConnections) (maxConnections)",
                field: "connections"
            )
        }
        if dispatch.isCurrentThread {
            throw Failure.invalidArgument(
                "A callback of the client cannot wait for its connections; call it elsewhere"
            )
        }
    }

    private func answer(
        _ count: Int,
        _ blocking: OpenedConnections,
        _ submitted: OpenedConnections,
        started: MonotonicTime
    ) -> FinishedRequest {
        let isShared = submitted.connections.contains { $0.isShared }
        let open = min(blocking.connections.count, isShared ? count : submitted.connections.count)
        let meta = RequestMeta(operation: Client.warmName.bytes, started: started)
        if open == 0 {
            var failure = blocking.failure ?? submitted.failure ?? Failure.outOfMemory
            // What was sent asks for nothing.
            failure.sent = .no
            return FinishedRequest(
                Envelope(meta).failure(failure, body: .none, requestID: .empty, mask: mask)
            )
        }
        var data = ByteBuffer(capacity: 256)
        data.append("{\"open\":")
        data.append(decimal: open)
        data.append(",\"connections\":[")
        for connection in blocking.connections { data.append(connection, for: "calls") }
        for connection in submitted.connections { data.append(connection, for: "submitted") }
        data.append("]}")
        return FinishedRequest(
            Envelope(meta, capacity: data.count)
                .success(status: 200, data: data.bytes, requestID: .empty)
        )
    }
}

extension ByteBuffer {
    fileprivate mutating func append(_ connection: OpenedConnection, for use: StaticString) {
        if bytes[count - 1] == UInt8(ascii: "}") { append(UInt8(ascii: ",")) }
        append("{\"for\":")
        append(jsonString: use.bytes)
        append(",\"lookupMs\":")
        append(millisecondsOf: connection.lookupMicroseconds)
        append(",\"connectMs\":")
        append(millisecondsOf: connection.connectMicroseconds)
        append(",\"tlsMs\":")
        append(millisecondsOf: connection.tlsMicroseconds)
        append(",\"protocol\":")
        append(jsonString: connection.protocolName.bytes)
        append(connection.isReused ? ",\"reused\":true}" : ",\"reused\":false}")
    }
}
