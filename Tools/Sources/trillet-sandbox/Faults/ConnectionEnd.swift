import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Channel {
    /// Ends the connection now and returns when it has ended.
    ///
    /// - Parameter abruptly: Reset it (RST) instead of closing it in order (FIN).
    func end(abruptly: Bool) async {
        if abruptly {
            // To close a socket that lingers for no time at all is to reset its connection.
            try? await (self as? any SocketOptionProvider)?
                .setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try? await close().get()
    }

    /// Whether whoever asked has closed the connection. The server library keeps such a connection
    /// for writing, because a client could have closed its own half alone.
    var isAbandoned: Bool {
        get async {
            #if os(Linux)
                let closeWait = 8  // TCP_CLOSE_WAIT of the kernel's tcp_states.h
                guard isActive else { return true }
                let information = try? await (self as? any SocketOptionProvider)?.getTCPInfo().get()
                return information.map { Int($0.tcpi_state) == closeWait } ?? false
            #else
                return !isActive
            #endif
        }
    }
}
