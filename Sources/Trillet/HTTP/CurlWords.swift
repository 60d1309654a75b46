/// libcurl's own words on a failed transfer, without the passwords that it quotes.
enum CurlWords {
    static func shown(_ text: Bytes) -> Message {
        // The environment's proxies are libcurl's to read, so no check has seen them.
        if text.hasPrefixIgnoringCase("unsupported proxy") {
            return "libcurl cannot use the URL of the proxy (proxy, or the environment's)"
        }
        let shown = Message(whole: withoutUserInfo(text))
        guard isOfHeadOverHTTP2(text) else { return shown }
        return """
            libcurl ended the HTTP/2 connection, most likely because the head of an answer on it is \
            larger than it takes (64 KB a line, 128 KB in all, in recent versions 300 KB): \(shown)
            """
    }

    /// What nghttp2 says when libcurl refuses header lines, and when there are too many frames of
    /// them. libcurl writes it into the error of one of the requests on the connection, or of none.
    private static func isOfHeadOverHTTP2(_ text: Bytes) -> Bool {
        let isOfNghttp2 =
            text.contains("nghttp2_session_mem_recv() returned -9")
            || text.contains("nghttp2 recv error -9")
        return isOfNghttp2 && (text.contains(" -902") || text.contains(" -905"))
    }

    /// `***@` for what stands before an `@`, up to a space, a quote or the slashes of a URL.
    private static func withoutUserInfo(_ text: Bytes) -> [UInt8] {
        var shown: [UInt8] = []
        for byte in text {
            if byte == UInt8(ascii: "@") {
                while let last = shown.last, !endsUserInfo(last) { shown.removeLast() }
                shown += Array(("***" as StaticString).bytes)
            }
            shown.append(byte)
        }
        return shown
    }

    private static func endsUserInfo(_ byte: UInt8) -> Bool {
        byte.isASCIIWhitespace || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "'")
            || byte == UInt8(ascii: "\"")
    }
}
