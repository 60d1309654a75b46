import Foundation

/// What `--webhook-secret` and `--allow-webhook-hosts` say.
struct WebhookSettings: Sendable {
    let secret: String
    /// Whether webhooks may be sent to other machines.
    let mayLeaveMachine: Bool
}

/// Where a webhook goes.
enum WebhookAddress {
    /// What deliveries to one receiver have in common: they are sent one after the other.
    static func target(of url: String) -> String {
        guard let parts = URLComponents(string: url), let host = parts.host else { return "" }
        return "\(parts.scheme ?? "")://\(host):\(parts.port ?? 0)".lowercased()
    }

    /// Why nothing may be sent to `url`, or `nil` when it may.
    static func refusal(of url: String, _ settings: WebhookSettings) -> String? {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased())
        else { return "The address is not an http or https URL" }
        guard settings.mayLeaveMachine || isLoopback(host) else {
            return "\(host) is not this machine; --allow-webhook-hosts lets webhooks leave it"
        }
        return nil
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(name) { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
