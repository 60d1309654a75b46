/// The answer to a request that the library made for itself, as a host would have it.
///
/// What is read from it is there as long as the answer is.
final class InnerAnswer {
    private let finished: FinishedRequest
    private var isHandedOver = false
    private let envelope: JSONValue?

    convenience init(
        of client: Client,
        _ operation: Operation,
        request: Bytes,
        options: Bytes,
        started: MonotonicTime = .now
    ) {
        self.init(
            BlockingRequest(client: client, target: .known(operation), started: started)
                .run(request: request, options: options)
        )
    }

    init(_ finished: FinishedRequest) {
        self.finished = finished
        envelope = try? JSONScanner.check(Bytes(text: finished.text), allowsLoneSurrogates: true)
    }

    deinit {
        if !isHandedOver { finished.free() }
    }

    var isSuccess: Bool { envelope?.member("ok")?.isTrue ?? false }

    /// What the service answered; nil for nothing.
    var data: JSONValue? {
        guard let data = envelope?.member("data"), data.kind != .null else { return nil }
        return data
    }

    /// How often the request was sent.
    var attempts: Int { envelope?.member("meta")?.member("attempts")?.integer ?? 0 }

    /// Whether the service asked for fewer requests, be it in an attempt that was repeated.
    var metRateLimit: Bool {
        if failure?.kind == .rateLimited { return true }
        var hasMet = false
        envelope?.member("meta")?.member("retries")?.forEachElement { attempt in
            if attempt.member("status")?.integer == 429 { hasMet = true }
        }
        return hasMet
    }

    /// Why it failed; nil when it did not.
    var failure: Failure? {
        guard let envelope else {
            return Failure(.response, "The answer is nested deeper than 512 levels", sent: .yes)
        }
        guard let error = envelope.member("error") else { return nil }
        let type = error.member("type")?.string
        let sent = error.member("sent")?.string
        var failure = Failure(
            FailureKind.allCases.first { type?.equals($0.name) ?? false } ?? .internal,
            InnerAnswer.text(error.member("message")) ?? "",
            sent: [Sent.no, .maybe, .yes].first { sent?.equals($0.name) ?? false } ?? .maybe
        )
        failure.isRetryable = error.member("retryable")?.isTrue ?? false
        failure.status = envelope.member("status")?.integer ?? 0
        failure.field = InnerAnswer.text(error.member("field"))
        failure.offset = error.member("offset")?.integer
        failure.details = InnerAnswer.text(error.member("details"))
        failure.code = InnerAnswer.text(error.member("code"))
        failure.retryAfterMilliseconds = error.member("retryAfterMs")?.integer
        return failure
    }

    /// The service's own words in an error, as JSON.
    var errorBody: Bytes {
        envelope?.member("error")?.member("body")?.text ?? .empty
    }

    /// Gives the text to the host.
    func handOver() -> FinishedRequest {
        isHandedOver = true
        return finished
    }

    private static func text(_ value: JSONValue?) -> Message? {
        guard let decoded = value?.string?.decoded() else { return nil }
        return Message(whole: decoded)
    }
}
