import CTrillet

/// The proxy that requests go through, as a message may show it.
struct Proxy {
    /// Without a user name and a password.
    let name: Message
    let port: Int
    /// Whether the client was given it. One of the environment may not be for this host.
    let isGiven: Bool

    /// The proxy that an option names, or the environment; nil when there is none.
    static func find(option: [UInt8]?, isSecure: Bool, isLoopback: Bool) -> Proxy? {
        if let option { return Proxy(url: option, isGiven: true) }
        if isLoopback { return nil }
        let names: [StaticString] =
            isSecure
            ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            : ["http_proxy", "all_proxy", "ALL_PROXY"]
        for name in names {
            guard let value = shim_environment(name.cText) else { continue }
            return Proxy(url: Array(Bytes(text: value)), isGiven: false)
        }
        return nil
    }

    private init?(url: [UInt8], isGiven: Bool) {
        guard !url.isEmpty, let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        var text = ByteBuffer(capacity: url.count + 1)
        text.append(url)
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_DEFAULT_SCHEME)
        guard let text = text.terminated(),
            curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK
        else { return nil }
        let scheme = Proxy.part(CURLUPART_SCHEME, of: handle) ?? "http"
        let host = Proxy.part(CURLUPART_HOST, of: handle) ?? ""
        let port = Proxy.part(CURLUPART_PORT, of: handle) ?? "1080"
        name = "\(scheme)://\(host):\(port)"
        self.port = port.bytes.reduce(0) { min(99_999, $0 * 10 + Int($1 & 15)) }
        self.isGiven = isGiven
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> Message? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return Message(Bytes(text: text))
    }
}

/// How far a tunnel through a proxy got that the request never went through.
struct Tunnel {
    /// What the proxy answered, 0 for nothing.
    let status: Int
    /// Of whoever the connection was made to.
    let port: Int

    init(of easy: UnsafeMutableRawPointer) {
        status = shim_info_long(easy, CURLINFO_HTTP_CONNECTCODE)
        port = shim_info_long(easy, CURLINFO_PRIMARY_PORT)
    }
}
