/// Reads an HTTP error into a failure, whichever of the API's four shapes it has.
struct ErrorAnswer {
    let failure: Failure
    let body: ErrorBody

    /// A page of HTML in an error helps up to here; the rest is cut.
    private static let longestText = 4096

    /// `retryAfterMilliseconds` is what the header of that name says.
    init(status: Int, body bytes: Bytes, isRepeatable: Bool, retryAfterMilliseconds: Int?) {
        var failure = Failure(ErrorAnswer.kind(of: status), ErrorAnswer.fallback(status))
        failure.status = status
        failure.sent = ErrorAnswer.sent(status, saysWhenToRetry: retryAfterMilliseconds != nil)
        failure.isRetryable = ErrorAnswer.isRetryable(status, isRepeatable, sent: failure.sent)
        failure.retryAfterMilliseconds = retryAfterMilliseconds
        if bytes.trimmed.count == 0 {
            body = .none
        } else if let value = try? JSONScanner.check(bytes, allowsLoneSurrogates: true) {
            ErrorAnswer.read(value, into: &failure)
            body = .json(value.text)
        } else {
            failure.details = "The answer is not JSON; its text is in 'body'"
            body = .text(ErrorAnswer.cut(bytes))
        }
        self.failure = failure
    }

    static func cut(_ bytes: Bytes) -> Bytes {
        guard bytes.count > longestText else { return bytes }
        var end = longestText
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return bytes.slice(0, end)
    }

    private static func kind(of status: Int) -> FailureKind {
        switch status {
        case 401: .authentication
        case 403: .permission
        case 404: .notFound
        case 409: .conflict
        case 429: .rateLimited
        case 400..<500: .rejected
        case 500..<600: .server
        default: .response
        }
    }

    /// A refusal says that nothing was done; a server error does not.
    private static func sent(_ status: Int, saysWhenToRetry: Bool) -> Sent {
        switch status {
        case 408: .maybe
        case 300..<500: .no
        case 503 where saysWhenToRetry: .no
        default: .maybe
        }
    }

    private static func isRetryable(_ status: Int, _ isRepeatable: Bool, sent: Sent) -> Bool {
        switch status {
        case 429: true
        case 408, 500, 502, 503, 504: isRepeatable || sent == .no
        default: false
        }
    }

    private static func fallback(_ status: Int) -> Message {
        switch status {
        case 401: "The service does not accept the API key (401)"
        case 403: "The API key may not do this (403)"
        case 404: "The service does not know this resource or path (404)"
        case 429: "The service asks for fewer requests (429)"
        case 300..<400:
            """
            The service answered with a redirect (\(status)), which is not followed since the API \
            key would travel with it; check baseUrl
            """
        default: "The service answered with status \(status) and no message"
        }
    }

    // MARK: The four shapes

    private static func read(_ body: JSONValue, into failure: inout Failure) {
        guard body.kind == .object else { return }
        let error = body.member("error")
        if let error, error.kind == .object {
            // B: {"error": {"code", "message", "reset_at"}}
            if let message = text(error.member("message")) { failure.message = message }
            failure.code = text(error.member("code"))
            failure.details = text(error.member("details"))
            readResetTime(error.member("reset_at"), into: &failure)
            return
        }
        let message = text(body.member("message"))
        if let error = text(error) {
            // A: {"error", "details", "code"} and C: {"error", "message", "id"}
            failure.message = error
            failure.details = text(body.member("details")) ?? message
        } else if let message {
            failure.message = message
            failure.details = text(body.member("details"))
        }
        // D: {"status": "not_found", …} names its kind in place of a code.
        failure.code = text(body.member("code")) ?? text(body.member("status"))
    }

    /// The rate limit's own way to say when to come back; a Retry-After header goes before it.
    private static func readResetTime(_ value: JSONValue?, into failure: inout Failure) {
        guard failure.status == 429, failure.retryAfterMilliseconds == nil,
            let text = value?.string?.decoded()
        else { return }
        let time = text.withUnsafeBufferPointer { WallClock.milliseconds(ofISO8601: $0) }
        guard let time else { return }
        failure.retryAfterMilliseconds = max(0, Int(time - WallClock.milliseconds))
    }

    private static func text(_ value: JSONValue?) -> Message? {
        guard let value else { return nil }
        switch value.kind {
        case .null: return nil
        case .string:
            let decoded = value.string?.decoded() ?? []
            return decoded.isEmpty ? nil : Message(whole: decoded)
        default: return Message(value.text)
        }
    }
}
