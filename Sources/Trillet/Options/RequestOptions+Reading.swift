extension RequestOptions {
    init(json text: Bytes, defaults: Defaults) throws(Failure) {
        self.init(defaults)
        if text.count == 0 { return }
        try NamedMembers.forEach(in: text) {
            (name: Name, option: NamedMember) throws(Failure) in
            try read(name, option)
        }
    }

    /// Whether the request cannot share the client's own header list.
    var hasHeaders: Bool {
        !headers.isEmpty || !idempotencyKey.isEmpty || !traceparent.isEmpty
    }

    var retries: RetryPolicy {
        RetryPolicy(
            maxRetries: maxRetries,
            maxRetryAfterMilliseconds: maxRetryAfterMilliseconds
        )
    }
}
