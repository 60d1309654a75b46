import CTrillet

/// The URL of a proxy, as a client is given it: a mistake is found when the client is made.
///
/// libcurl quotes the whole URL, with its password, in the errors of every request, and some
/// mistakes it passes over in silence and connects without the proxy.
/// docs/decisions.md, proxy-url-checked.
enum ProxyURL {
    /// Throws when libcurl cannot use it. An empty one turns proxies off.
    static func check(_ text: [UInt8]) throws(Failure) {
        if text.isEmpty { return }
        guard let handle = curl_url() else { throw Failure.outOfMemory }
        defer { curl_url_cleanup(handle) }
        guard parse(text, into: handle), hasKnownScheme(handle), hasPlainHost(handle) else {
            throw Failure.configuration(
                """
                proxy is not the URL of a proxy; write it like http://proxy.example:3128 (http, \
                https, socks4, socks4a, socks5 or socks5h), with special characters of a user \
                name or a password percent-encoded
                """,
                field: "proxy"
            )
        }
        guard isDecodable(CURLUPART_USER, in: handle), isDecodable(CURLUPART_PASSWORD, in: handle)
        else {
            throw Failure.configuration(
                "proxy has a control character in its user name or password",
                field: "proxy"
            )
        }
    }

    /// Where it leads, without user name and password; nil when libcurl cannot use it.
    static func shown(_ text: [UInt8]) -> (text: Message, port: Int)? {
        guard !text.isEmpty, let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        guard parse(text, into: handle), hasKnownScheme(handle), hasPlainHost(handle) else {
            return nil
        }
        let scheme = BaseURL.part(CURLUPART_SCHEME, of: handle)
        let host = BaseURL.part(CURLUPART_HOST, of: handle)
        var port = BaseURL.part(CURLUPART_PORT, of: handle).reduce(0) { port, digit in
            min(99_999, port * 10 + Int(digit & 15))
        }
        // libcurl's own, which are not those of a URL.
        if port == 0 { port = scheme.equals("https") ? 443 : 1080 }
        return ("\(Message(whole: scheme))://\(Message(whole: host)):\(port)", port)
    }

    /// Whether it names this machine.
    static func isLoopback(_ text: [UInt8]) -> Bool {
        guard let handle = curl_url() else { return false }
        defer { curl_url_cleanup(handle) }
        return parse(text, into: handle) && BaseURL.isLoopback(hostOf: handle)
    }

    /// As libcurl does it for a transfer.
    private static func parse(_ text: [UInt8], into handle: OpaquePointer) -> Bool {
        // libcurl takes them for a part of the user name, before 7.80 at least.
        if text.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return false }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)
        return BaseURL.parse(text, into: handle, flags: flags)
    }

    private static func hasKnownScheme(_ handle: OpaquePointer) -> Bool {
        let scheme = BaseURL.part(CURLUPART_SCHEME, of: handle)
        return scheme.withUnsafeBufferPointer { scheme in
            for known: StaticString in ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
            where scheme.equalsIgnoringCase(known.bytes) {
                return true
            }
            return false
        }
    }

    /// Older versions of libcurl take a part of an unencoded password for the host, and name it.
    private static func hasPlainHost(_ handle: OpaquePointer) -> Bool {
        let host = BaseURL.part(CURLUPART_HOST, of: handle)
        for byte in host {
            let isForbidden = (" @\"'<>\\^`{|}?#/," as StaticString).bytes.firstOffset(of: byte)
            if byte.isControl || isForbidden != nil { return false }
        }
        return !host.isEmpty
    }

    private static func isDecodable(_ part: CURLUPart, in handle: OpaquePointer) -> Bool {
        var text: UnsafeMutablePointer<CChar>?
        defer { curl_free(text) }
        switch curl_url_get(handle, part, &text, UInt32(CURLU_URLDECODE)) {
        case CURLUE_OK, CURLUE_NO_USER, CURLUE_NO_PASSWORD: break
        default: return false
        }
        // Older versions decode what newer ones refuse.
        return !Bytes(text: text).contains { $0.isControl }
    }

    /// What of the URL no error shows: user name and password together, and the password alone, as
    /// it stands and decoded, and both as Proxy-Authorization carries them.
    static func secrets(of text: [UInt8]) -> [[UInt8]] {
        text.withUnsafeBufferPointer { text in
            guard let end = text.lastOffset(of: UInt8(ascii: "@")) else { return [] }
            var start = 0
            while start + 3 <= end, !text.slice(start, start + 3).equals("://") { start += 1 }
            let userInfo = text.slice(start + 3 <= end ? start + 3 : 0, end)
            guard let colon = userInfo.firstOffset(of: UInt8(ascii: ":")) else { return [] }
            let password = userInfo.slice(colon + 1, userInfo.count)
            var login = ByteBuffer()
            decoded(userInfo).withUnsafeBufferPointer { login.append(base64: $0) }
            return [
                Array(userInfo), Array(password), decoded(password), Array(login.bytes),
            ]
        }
    }

    private static func decoded(_ text: Bytes) -> [UInt8] {
        var decoded: [UInt8] = []
        var offset = 0
        while offset < text.count {
            if let escape = EscapedCharacter.percent(in: text, at: offset) {
                decoded.append(UInt8(truncatingIfNeeded: escape.scalar))
                offset += escape.length
            } else {
                decoded.append(text[offset])
                offset += 1
            }
        }
        return decoded
    }
}
