import CTrillet

/// The proxy that requests go through, as a message may show it.
struct Proxy {
    /// Without a user name and a password.
    let name: Message
    let port: Int
    /// Whether every request goes through it: the environment may except the service from its own.
    let isCertain: Bool

    /// The proxy that an option names, or the environment; nil when there is none.
    static func find(option: [UInt8]?, isSecure: Bool, isLoopback: Bool) -> Proxy? {
        if let option { return Proxy(url: option, isCertain: true) }
        if isLoopback { return nil }
        let names: [StaticString] =
            isSecure
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "all_proxy", "ALL_PROXY"]
        for name in names {
            let value = Bytes(text: shim_environment(name.cText))
            if value.count > 0 { return Proxy(url: Array(value), isCertain: !hasExceptions) }
        }
        return nil
    }

    private init?(url: [UInt8], isCertain: Bool) {
        guard let name = ProxyURL.shown(url) else { return nil }
        self.name = name.text
        port = name.port
        self.isCertain = isCertain
    }

    private static var hasExceptions: Bool {
        let names: [StaticString] = ["no_proxy", "NO_PROXY"]
        return names.contains { Bytes(text: shim_environment($0.cText)).count > 0 }
    }

    /// The status is 0 for a proxy that does not speak HTTP.
    func loginMessage(status: Int) -> Message {
        let answer: Message = status == 0 ? "" : " (\(status))"
        return """
            The proxy \(name) asks for a user name and a password, or does not accept those \
            that its URL has\(answer); write them like http://user:password@proxy.example:3128
            """
    }
}

/// How far a request got that a proxy has not led to the service.
struct Tunnel {
    /// What the proxy answered, 0 for nothing.
    let status: Int
    /// Of whoever the connection was made to.
    let port: Int
    private let refusal: CURLproxycode

    init(of easy: UnsafeMutableRawPointer) {
        status = shim_info_long(easy, CURLINFO_HTTP_CONNECTCODE)
        port = shim_info_long(easy, CURLINFO_PRIMARY_PORT)
        refusal = CURLproxycode(
            rawValue: UInt32(truncatingIfNeeded: shim_info_long(easy, CURLINFO_PROXY_ERROR))
        )
    }

    var wantsLogin: Bool {
        switch refusal {
        case CURLPX_USER_REJECTED, CURLPX_NO_AUTH, CURLPX_IDENTD, CURLPX_IDENTD_DIFFER: true
        default: status == 407
        }
    }

    /// Whether it will be refused again: a proxy that says so once says so every time.
    var isRefusedForGood: Bool {
        if wantsLogin || refusal == CURLPX_REPLY_NOT_ALLOWED { return true }
        return status / 100 == 4 && status != 408 && status != 429
    }
}

extension Transfer {
    /// The proxy that may have answered in place of the service: one that leads to a service over
    /// TLS cannot.
    var answeringProxy: Proxy? {
        guard !isSecure, let proxy else { return nil }
        let port = shim_info_long(easy, CURLINFO_PRIMARY_PORT)
        return proxy.isCertain || port == proxy.port ? proxy : nil
    }
}
