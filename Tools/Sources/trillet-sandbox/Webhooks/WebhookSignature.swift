import CCrypto

/// What proves to a receiver that a webhook comes from somebody who knows the secret.
enum WebhookSignature {
    static let header = "X-Trillet-Signature"

    private static let digits = Array("0123456789abcdef")

    /// HMAC-SHA256 over the bytes of the body in lower-case hexadecimal. The key is the whole
    /// secret, its prefix included.
    static func of(_ body: String, secret: String) -> String {
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
        return String(
            code.prefix(Int(length)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        )
    }
}
