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
}
