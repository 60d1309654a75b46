/// Reads an HTTP error into a failure, whichever of the API's four shapes it has.
struct ErrorAnswer {
    private(set) var failure: Failure
    let body: ErrorBody
    /// Whether nobody but a router can have said it: what the service itself does not find, it names.
    let isWithoutRoute: Bool

    /// `error.code` of a page that somebody else than the service sent.
    static let pageCode: Message = "web_page"

    init(status: Int, from transfer: Transfer, method: Method, isRepeatable: Bool) {
        let bytes = transfer.body.bytes.withoutByteOrderMark
        let value = try? JSONScanner.check(bytes, allowsLoneSurrogates: true)
        let content = ErrorContent(of: bytes, isJSON: value != nil)
        let told = transfer.headers.retryAfterMilliseconds
        let meaning = StatusMeaning(status: status, content: content)
        var failure = Failure(meaning.kind, meaning.message(method))
        if status == 407, let proxy = transfer.answeringProxy {
            failure.message = proxy.loginMessage(status: status)
        }
        failure.status = status
        failure.sent = meaning.sent(saysWhenToRetry: told != nil)
        failure.isRetryable = meaning.isRetryable(isRepeatable, sent: failure.sent)
        failure.retryAfterMilliseconds = told
        switch content {
        case .empty: body = .none
        case .json: body = value.map { .json($0.text) } ?? .none
        case .page, .text:
            failure.details = "The answer is not JSON; its text is in 'body'"
            if content == .page, status >= 400 { failure.code = ErrorAnswer.pageCode }
            body = .text(bytes)
            if transfer.encodingLeft.count > 0 {
                failure.message = ErrorAnswer.encodedMessage(transfer, status)
            }
        }
        if let value {
            ErrorAnswer.read(value, into: &failure, transfer.headers.serviceMilliseconds)
        }
        if (300..<400).contains(status), transfer.headers.location.count > 0 {
            ErrorAnswer.add(location: transfer.headers.location.bytes, to: &failure)
        }
        isWithoutRoute = (status == 404 || status == 405) && !ErrorAnswer.isOwn(value)
        self.failure = failure
    }

    /// Whether it has one of the four shapes. Frameworks write `statusCode` beside the same names.
    private static func isOwn(_ body: JSONValue?) -> Bool {
        guard let body, body.kind == .object, body.member("statusCode") == nil else { return false }
        return body.member("error") != nil || body.member("status") != nil
    }

    /// Of an answer that is still encoded.
    static func encodedMessage(_ transfer: Transfer, _ status: Int) -> Message {
        """
        The answer's content (\(status)) is encoded as '\(transfer.encodingLeft)', which was not \
        asked for and is not undone
        """
    }

    private static func add(location: Bytes, to failure: inout Failure) {
        let place = Array(("Location: " as StaticString).bytes) + Array(location)
        add(Message(whole: place), to: &failure)
    }

    private static func add(_ more: Message, to failure: inout Failure) {
        failure.details = failure.details.map { "\($0); \(more)" } ?? more
    }

    /// Of an update under routes "auto". docs/decisions.md, auto-routes.
    @inline(never)
    mutating func tellOfReplacingRoute() {
        ErrorAnswer.add(
            """
            the service may have the published route alone, which routes "auto" does not take for \
            an update: it replaces the whole object; send all of it with routes "published"
            """,
            to: &failure
        )
    }

    // MARK: The four shapes

    private static func read(_ body: JSONValue, into failure: inout Failure, _ now: Int64) {
        guard body.kind == .object else { return }
        let error = body.member("error")
        if let error, error.kind == .object {
            // B: {"error": {"code", "message", "reset_at"}}
            if let message = text(error.member("message")) { failure.message = message }
            failure.code = text(error.member("code"))
            failure.details = text(error.member("details"))
            readResetTime(error.member("reset_at"), into: &failure, now)
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

    /// The rate limit's own way to say when to come back; of it and Retry-After the longer counts.
    private static func readResetTime(
        _ value: JSONValue?,
        into failure: inout Failure,
        _ now: Int64
    ) {
        guard failure.status == 429 || failure.status == 503,
            let text = value?.string?.decoded()
        else { return }
        let time = text.withUnsafeBufferPointer { WallClock.milliseconds(ofISO8601: $0) }
        guard let time else { return }
        let told = Int(max(0, time - now))
        failure.retryAfterMilliseconds = max(told, failure.retryAfterMilliseconds ?? 0)
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
