import CCurl

/// Where a webhook goes, as libcurl reads it: what is checked here is what it connects to.
final class WebhookAddress {
    let handle: OpaquePointer
    let scheme: String
    let host: String

    /// What every part of a URL must keep to, for the person who gave a wrong one.
    static let rule =
        "The address is not an http or https URL with a host and, if any, a port from 1 to 65535"
    /// The longest name that the domain name system has.
    private static let longestHost = 255

    /// - Returns: `nil` when a part of `url` does not keep to ``rule``.
    init?(_ url: String) {
        guard !url.utf8.contains(0), let handle = curl_url() else { return nil }
        let flags = UInt32(CURLU_URLENCODE | CURLU_ALLOW_SPACE)
        guard curl_url_set(handle, CURLUPART_URL, url, flags) == CURLUE_OK,
            let scheme = WebhookAddress.part(CURLUPART_SCHEME, of: handle)?.lowercased(),
            ["http", "https"].contains(scheme),
            let host = WebhookAddress.part(CURLUPART_HOST, of: handle)?.lowercased(),
            (1...WebhookAddress.longestHost).contains(host.utf8.count),
            WebhookAddress.part(CURLUPART_PORT, of: handle) != "0"
        else {
            curl_url_cleanup(handle)
            return nil
        }
        // Only the signature proves who sends a webhook.
        curl_url_set(handle, CURLUPART_USER, nil, 0)
        curl_url_set(handle, CURLUPART_PASSWORD, nil, 0)
        self.handle = handle
        self.scheme = scheme
        self.host = host
    }

    deinit {
        curl_url_cleanup(handle)
    }

    /// Adds a parameter to the query.
    func add(_ name: String, _ value: String) {
        let flags = UInt32(CURLU_URLENCODE | CURLU_APPENDQUERY)
        curl_url_set(handle, CURLUPART_QUERY, "\(name)=\(value)", flags)
    }

    /// What deliveries to one receiver have in common: they are sent one after the other.
    var target: String {
        let port = WebhookAddress.part(CURLUPART_PORT, of: handle, UInt32(CURLU_DEFAULT_PORT))
        return "\(scheme)://\(host):\(port ?? "0")"
    }

    static func target(of url: String) -> String {
        WebhookAddress(url)?.target ?? ""
    }

    /// Why nothing may be sent there, or `nil` when it may.
    func refusal(_ settings: WebhookSettings) -> String? {
        guard !settings.mayLeaveMachine, !isLoopback else { return nil }
        return "\(host) is not this machine; --allow-webhook-hosts lets webhooks leave it"
    }

    private var isLoopback: Bool {
        if ["localhost", "[::1]"].contains(host) { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32 = 0)
        -> String?
    {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
