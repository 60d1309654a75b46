/// How the values of options are read.
extension NamedMember {
    func text() throws(Failure) -> [UInt8] {
        let decoded = try string()
        // C cannot carry a NUL in a text, and none of these has a use for one.
        guard !decoded.contains(0) else { throw failure("must not contain a NUL character") }
        return decoded
    }

    func key() throws(Failure) -> [UInt8] {
        let key = try headerValue()
        if key.isEmpty { throw failure("is empty; leave it out to use the environment") }
        return key
    }

    func headerValue() throws(Failure) -> [UInt8] {
        let text = try text()
        guard !text.contains(where: { $0.isControl }) else {
            throw failure("must not contain line ends or other control characters")
        }
        return text
    }

    func routeStyle() throws(Failure) -> RouteStyle {
        let name = try text()
        if name.equals("auto") { return .auto }
        if name.equals("overview") { return .overview }
        if name.equals("published") { return .published }
        throw failure("must be \"auto\", \"overview\" or \"published\"")
    }

    func engine() throws(Failure) -> Engine {
        let name = try text()
        if name.equals("thread") { return .thread }
        if name.equals("caller") { return .caller }
        throw failure("must be \"thread\" or \"caller\"")
    }

    @inline(never)
    func validation() throws(Failure) -> Validation {
        if value.kind == .boolean { return value.isTrue ? .on : .off }
        guard value.string?.equals("strict") == true else {
            throw failure("must be true, false or \"strict\"")
        }
        return .strict
    }

    func headers() throws(Failure) -> [Header] {
        guard value.kind == .object else { throw mistyped("an object of header names and values") }
        var headers: [Header] = []
        try value.forEachMember { (member: JSONMember) throws(Failure) in
            headers.append(try header(member))
        }
        return headers
    }

    private func header(_ member: JSONMember) throws(Failure) -> Header {
        let name = member.name.decoded()
        guard HeaderName.isToken(name) else {
            // Only its start: a whole line, value and all, may be given as the name.
            let token = name.prefix { HeaderName.isToken([$0]) }
            throw failure("has a name that is not an HTTP header name: '\(Message(Array(token)))…'")
        }
        if let advice = HeaderName.adviceAgainst(name) {
            throw failure("must not set '\(Message(name))': \(advice)")
        }
        guard let string = member.value.string else {
            throw failure("must give '\(Message(name))' a string, not \(member.value.kind.name)")
        }
        let text = string.decoded()
        guard !text.contains(where: { $0.isControl && $0 != 0x09 }) else {
            throw failure(
                "must not put line ends or other control characters into '\(Message(name))'"
            )
        }
        return Header(name: name, value: text.withUnsafeBufferPointer { Array($0.trimmed) })
    }
}

enum HeaderName {
    /// Whether the text is a token of RFC 9110.
    static func isToken(_ name: [UInt8]) -> Bool {
        if name.isEmpty { return false }
        for byte in name {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            default:
                guard ("!#$%&'*+-.^_`|~" as StaticString).bytes.firstOffset(of: byte) != nil
                else { return false }
            }
        }
        return true
    }

    /// Why a header is not the host's to set, nil when it is.
    static func adviceAgainst(_ name: [UInt8]) -> StaticString? {
        name.withUnsafeBufferPointer { name in
            func matches(_ text: StaticString) -> Bool { name.equalsIgnoringCase(text.bytes) }
            if matches("x-api-key") { return "use the client option apiKey" }
            if matches("x-workspace-id") { return "use the client option workspaceId" }
            if matches("user-agent") { return "use the client option userAgent" }
            if matches("content-length") || matches("transfer-encoding")
                || matches("content-type") || matches("host") || matches("connection")
                || matches("expect")
            {
                return "it follows from the request"
            }
            return nil
        }
    }
}
