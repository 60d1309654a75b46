/// The names under which the sandbox may be asked for.
///
/// A page whose own name has been rebound to this machine is, to the browser, of the same origin as
/// the sandbox, and could use the well-known key. Only the Host header tells it apart.
struct HostRules: Sendable {
    private let names: Set<String>

    /// - Parameters:
    ///   - address: what the sandbox listens on.
    ///   - allowed: further names, as ``isName(_:)`` accepts them.
    init(listeningOn address: String, allowed: [String]) {
        names = Set((["localhost", address] + allowed).map(HostRules.normal))
    }

    /// Any address is allowed: a browser that sends one was told to open that address, so no name
    /// has been rebound. Port forwarding makes it another one than the sandbox listens on.
    func allows(_ authority: String) -> Bool {
        guard let host = HostRules.host(of: authority) else { return false }
        return HostRules.isAddress(host) || names.contains(HostRules.normal(host))
    }

    /// Whether `--allow-host` takes it: a name alone, without a scheme, a port or a wildcard.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(isNameByte) && !text.hasPrefix(".")
    }

    /// The host of `host`, `host:port` or `[address]:port`; nil if it is none of them.
    static func host(of authority: String) -> String? {
        let end =
            authority.hasPrefix("[")
            ? authority.firstIndex(of: "]").map(authority.index(after:))
            : authority.firstIndex(of: ":") ?? authority.endIndex
        guard let end, end != authority.startIndex else { return nil }
        let port = authority[end...]
        guard port.isEmpty || (port.hasPrefix(":") && port.dropFirst().utf8.allSatisfy(isDigit))
        else { return nil }
        return String(authority[..<end])
    }

    private static func isAddress(_ host: String) -> Bool {
        guard host.hasPrefix("[") else {
            return host.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
        }
        return host.dropFirst().dropLast().utf8.allSatisfy {
            isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
        }
    }

    /// Names differ in neither case nor the dot that ends a full one.
    private static func normal(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".") ? String(lower.dropLast()) : lower
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
