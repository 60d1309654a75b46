/// `trillet_webhook_verify`: from the body's bytes and the header to the event.
enum WebhookCheck {
    static let name: StaticString = "webhook.verify"

    /// `body` is nil when it is not there although it has a length.
    static func run(body: Bytes?, signature: Bytes, options: Bytes) -> FinishedRequest {
        let started = MonotonicTime.now
        do throws(Failure) {
            let options = try WebhookOptions(json: options)
            guard let body else {
                throw Failure.invalidArgument("The body is NULL but has a length", field: "body")
            }
            try check(body, signature, options)
            let event = try WebhookEvent(body: body)
            var data = ByteBuffer(capacity: 2 * body.count + 256)
            event.write(to: &data)
            if data.isOutOfMemory { throw Failure.outOfMemory }
            let meta = RequestMeta(operation: name.bytes, started: started)
            return FinishedRequest(
                Envelope(meta, capacity: data.count)
                    .success(status: 0, data: data.bytes, requestID: .empty)
            )
        } catch {
            return FinishedRequest.refused(error, operation: name.bytes, started: started)
        }
    }

    static func failure(_ code: Message, _ message: Message) -> Failure {
        var failure = Failure(.signature, message)
        failure.code = code
        return failure
    }

    /// Every secret is tried, whichever fits: the time says nothing about which one.
    private static func check(
        _ body: Bytes,
        _ header: Bytes,
        _ options: WebhookOptions
    ) throws(Failure) {
        guard !options.keys.isEmpty else {
            throw failure("secret_missing", "There is no secret to check with: give 'secrets'")
        }
        guard !header.isBlank else {
            throw failure("signature_missing", "The webhook is not signed")
        }
        let given: [UInt8]
        if options.isPlain {
            // Digests have one length, whatever the lengths of what they are made of.
            given = SHA256.digest(header)
        } else if let code = WebhookSignature.code(in: header) {
            given = code
        } else {
            throw failure(
                "signature_malformed",
                "The signature is neither 64 hexadecimal digits nor Base64 of 32 bytes"
            )
        }
        var isRight = false
        for key in options.keys {
            let expected =
                options.isPlain
                ? key.withUnsafeBufferPointer { SHA256.digest($0) } : SHA256.code(body, key: key)
            if WebhookSignature.areEqual(expected, given) { isRight = true }
        }
        if !isRight {
            throw failure(
                "signature_mismatch",
                "No secret fits the signature: another secret signed, or the body has changed"
            )
        }
    }
}
