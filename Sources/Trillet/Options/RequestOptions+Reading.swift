extension RequestOptions {
    /// `defaults`: as the client has them.
    @inline(never)
    init(json text: Bytes, defaults: RequestOptions) throws(Failure) {
        self = defaults
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

    var notAfter: BootTime { BootTime(milliseconds: notAfterMilliseconds) }

    var retries: RetryPolicy {
        RetryPolicy(
            maxRetries: maxRetries,
            maxRetryAfterMilliseconds: maxRetryAfterMilliseconds
        )
    }
}
