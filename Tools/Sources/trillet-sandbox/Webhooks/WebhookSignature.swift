import CCrypto

/// What proves to a receiver that a webhook comes from somebody who knows the secret.
enum WebhookSignature {
    static let header = "X-Trillet-Signature"
    static let secretHeader = "X-Webhook-Secret"

    private static let digits = Array("0123456789abcdef")

    /// The header that proves who sends `body`: its HMAC-SHA256, or the secret itself.
    static func header(_ body: String, secret: String, _ proof: WebhookProof) -> (String, String) {
        proof == .secret ? (secretHeader, secret) : (header, of(body, secret: secret, proof))
    }

    /// HMAC-SHA256 over the bytes of the body. The key is the whole secret, its prefix included.
    static func of(_ body: String, secret: String, _ proof: WebhookProof) -> String {
        let code = code(body, secret: secret)
        switch proof {
        case .hex: return hexadecimal(code)
        case .prefixedHex: return "sha256=" + hexadecimal(code)
        case .base64: return Base64.text(of: code)
        case .prefixedBase64: return "sha256=" + Base64.text(of: code)
        case .secret: return ""
        }
    }

    private static func code(_ body: String, secret: String) -> [UInt8] {
        let (key, message) = (Array(secret.utf8), Array(body.utf8))
        var code = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        let done = HMAC(
            EVP_sha256(),
            key,
            Int32(clamping: key.count),
            message,
            message.count,
            &code,
            &length
        )
        precondition(done != nil, "libcrypto has no HMAC-SHA256")
        return Array(code.prefix(Int(length)))
    }

    private static func hexadecimal(_ code: [UInt8]) -> String {
        String(code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}

/// Bytes as text of 64 letters (RFC 4648).
private enum Base64 {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    )

    static func text(of bytes: [UInt8]) -> String {
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = (0..<3).reduce(0) { bits, place in
                bits << 8 | (place < group.count ? Int(group[start + place]) : 0)
            }
            for place in 0..<4 {
                text.append(place > group.count ? "=" : letters[bits >> (18 - 6 * place) & 63])
            }
        }
        return text
    }
}
