import Crypto
import Foundation

/// What proves to a receiver that a webhook comes from somebody who knows the secret.
enum WebhookSignature {
    static let header = "X-Trillet-Signature"

    /// HMAC-SHA256 over the bytes of the body in lower-case hexadecimal. The key is the whole
    /// secret, its prefix included.
    static func of(_ body: String, secret: String) -> String {
        let key = SymmetricKey(data: Data(secret.utf8))
        return HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
