/// What a request of the library's own ended with, to be read and, at the edge, written for the host.
///
/// It owns the bytes that its values refer to: the transfer they came with is used again. Whoever
/// reads them keeps it until then (`withExtendedLifetime`).
final class RequestOutcome {
    private var meta = RequestMeta(operation: .empty, elapsedMicroseconds: 0)
    private var status = 0
    /// What the service sent.
    private var content = ByteBuffer()
    private var value = Answer.null
    private var requestID = ByteBuffer()
    private(set) var failure: Failure?
    /// The service's own words in an error.
    private(set) var errorBody = ErrorBody.none
    /// By how much the service's clock is ahead of ours, in milliseconds.
    private(set) var clockLead = 0

    init() {
    }

    /// Of what ended before there was a request.
    init(_ failure: Failure) {
        self.failure = failure
    }

    /// What the service answered, checked; nil for nothing.
    var data: JSONValue? {
        failure == nil && value.kind != .null ? value : nil
    }

    /// How often the request was sent.
    var attempts: Int { meta.attempts }

    /// Whether the service asked for fewer requests, be it in an attempt that was repeated.
    var metRateLimit: Bool {
        failure?.kind == .rateLimited || meta.retried.contains { $0.status == 429 }
    }

    // MARK: The end of the request

    /// `value` lies in `content`, unless it is `null` in place of nothing.
    func succeed(
        _ value: JSONValue,
        in content: consuming ByteBuffer,
        status: Int,
        _ meta: RequestMeta,
        requestID: Bytes,
        clockLead: Int
    ) {
        self.clockLead = clockLead
        self.value = value
        self.content = content
        self.status = status
        note(meta, requestID)
    }

    func fail(_ failure: Failure, body: ErrorBody, _ meta: RequestMeta, requestID: Bytes) {
        self.failure = failure
        switch body {
        case .none:
            errorBody = .none
        case .json(let bytes):
            content.append(bytes)
            errorBody = .json(content.bytes)
        case .text(let bytes):
            content.append(bytes)
            errorBody = .text(content.bytes)
        }
        note(meta, requestID)
    }

    private func note(_ meta: RequestMeta, _ requestID: Bytes) {
        self.meta = meta
        self.requestID.append(requestID)
    }

    // MARK: The edge

    /// Writes the envelope that the host gets.
    func finished(_ mask: SecretMask) -> FinishedRequest {
        if content.isOutOfMemory || requestID.isOutOfMemory { return FinishedRequest(nil) }
        let envelope = Envelope(meta, capacity: content.count + requestID.count)
        if let failure {
            return FinishedRequest(
                envelope.failure(
                    failure,
                    body: errorBody,
                    requestID: requestID.bytes,
                    mask: mask
                )
            )
        }
        return FinishedRequest(
            envelope.success(
                status: status,
                data: content.count == 0 ? value.text : content.bytes,
                requestID: requestID.bytes
            )
        )
    }
}
