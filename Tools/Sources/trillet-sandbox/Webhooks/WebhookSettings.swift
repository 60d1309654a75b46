import ArgumentParser
import Synchronization

/// How webhooks are sent, unless a receiver says otherwise.
struct WebhookSettings: Sendable {
    let secret: String
    /// Whether webhooks may be sent to other machines.
    let mayLeaveMachine: Bool
    var form = WebhookForm.event
    var proof = WebhookProof.hex
    /// Receivers of everything that happens in any workspace.
    var urls: [String] = []
    /// Where this server is reached.
    let origin = ServerOrigin()
}

/// What a body looks like. The service documents the first; programs in use accept the others too.
enum WebhookForm: String, Codable, CaseIterable, Sendable, ExpressibleByArgument {
    /// `{"event", "data"}`.
    case event
    /// What is sent after a call: `call_metadata`, `conversation_data`, `transcript`, `analytics`.
    case native
    /// The members of `data` beside `event`.
    case flat
    /// The same, with underscores.
    case snake

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// What proves who sends a webhook.
enum WebhookProof: String, Codable, CaseIterable, Sendable, ExpressibleByArgument {
    case hex, base64
    case prefixedHex = "sha256=hex"
    case prefixedBase64 = "sha256=base64"
    /// The secret itself, in `x-webhook-secret`, instead of a signature.
    case secret

    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The server's address, which is known once it listens.
final class ServerOrigin: Sendable {
    private let value = Mutex("")

    var text: String {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }

    static func url(host: String, port: Int) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}
