import CTrillet

/// Where the service is: scheme, host, port and perhaps a path in front of every route.
struct BaseURL {
    /// Without a slash at its end.
    let text: [UInt8]
    let isSecure: Bool
    let isLoopback: Bool

    init(_ text: [UInt8]) throws(Failure) {
        guard let handle = curl_url() else { throw Failure.outOfMemory }
        defer { curl_url_cleanup(handle) }
        guard BaseURL.parse(text, into: handle) else {
            throw Failure.configuration(
                """
                baseUrl is not an http or https URL; write it like https://api.trillet.ai or \
                http://127.0.0.1:4010
                """,
                field: "baseUrl"
            )
        }
        try BaseURL.refuseParts(of: handle)
        isSecure = BaseURL.part(CURLUPART_SCHEME, of: handle).equals("https")
        isLoopback = BaseURL.isLoopback(hostOf: handle)
        var normal = BaseURL.part(CURLUPART_URL, of: handle)
        while normal.last == UInt8(ascii: "/") { normal.removeLast() }
        self.text = normal
    }

    private static func refuseParts(of handle: OpaquePointer) throws(Failure) {
        if has(CURLUPART_USER, in: handle) || has(CURLUPART_PASSWORD, in: handle) {
            throw Failure.configuration(
                "baseUrl must not carry a user name or a password; the key goes into apiKey",
                field: "baseUrl"
            )
        }
        if has(CURLUPART_QUERY, in: handle) || has(CURLUPART_FRAGMENT, in: handle) {
            throw Failure.configuration(
                "baseUrl must end before the query: no '?' and no '#'",
                field: "baseUrl"
            )
        }
    }

    private static func parse(_ text: [UInt8], into handle: OpaquePointer) -> Bool {
        guard parse(text, into: handle, flags: 0) else { return false }
        let scheme = part(CURLUPART_SCHEME, of: handle)
        return scheme.equals("http") || scheme.equals("https")
    }

    static func parse(_ text: [UInt8], into handle: OpaquePointer, flags: UInt32) -> Bool {
        var buffer = ByteBuffer(capacity: text.count + 1)
        buffer.append(text)
        guard let cText = buffer.terminated() else { return false }
        return curl_url_set(handle, CURLUPART_URL, cText, flags) == CURLUE_OK
    }

    static func isLoopback(hostOf handle: OpaquePointer) -> Bool {
        let host = part(CURLUPART_HOST, of: handle)
        if host.equals("[::1]") { return true }
        return host.withUnsafeBufferPointer { host in
            host.equalsIgnoringCase(("localhost" as StaticString).bytes)
                || isLoopbackIPv4(host)
        }
    }

    /// `127.` and three more numbers: libcurl has already rewritten the short and the hexadecimal
    /// forms, and a name such as `127.0.0.1.example.com` is no address.
    private static func isLoopbackIPv4(_ host: Bytes) -> Bool {
        guard host.hasPrefixIgnoringCase("127.") else { return false }
        var dots = 0
        for byte in host {
            if byte == UInt8(ascii: ".") {
                dots += 1
            } else if !byte.isASCIIDigit {
                return false
            }
        }
        return dots == 3
    }

    private static func has(_ part: CURLUPart, in handle: OpaquePointer) -> Bool {
        !self.part(part, of: handle).isEmpty
    }

    static func part(_ part: CURLUPart, of handle: OpaquePointer) -> [UInt8] {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, 0) == CURLUE_OK else { return [] }
        defer { curl_free(text) }
        return Array(Bytes(text: text))
    }
}

extension [UInt8] {
    func equals(_ text: StaticString) -> Bool {
        withUnsafeBufferPointer { $0.equals(text) }
    }
}
