/// libcurl's own words on a failed transfer, without the passwords that it quotes.
enum CurlWords {
    static func shown(_ text: Bytes) -> Message {
        // The environment's proxies are libcurl's to read, so no check has seen them.
        if text.hasPrefixIgnoringCase("unsupported proxy") {
            return "libcurl cannot use the URL of the proxy (proxy, or the environment's)"
        }
        return Message(whole: withoutUserInfo(text))
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
