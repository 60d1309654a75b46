/// What every transfer of a client has in common.
struct TransferSettings {
    var connectTimeoutMilliseconds: Int
    var maxResponseBytes: Int
    /// nil leaves proxies to libcurl and its environment variables; empty means none.
    var proxy: [UInt8]?
    /// The proxy for messages: the one above, or that of the environment.
    var proxyName: Proxy?
    /// A file of certificate authorities instead of the system's.
    var caFile: [UInt8]?
    var isSecure: Bool
    var isLoopback: Bool
    let service: ServiceProtocol

    /// Neither the service nor a proxy can be reached over TLS where this is false.
    /// Within a machine it would save nothing.
    var asksForEncodings: Bool { !isLoopback }
    var mayUseTLS: Bool { isSecure || !isLoopback || proxy != nil }
}
