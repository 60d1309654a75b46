/// The one JSON object that every call answers, written once into the block the caller frees.
struct Envelope: ~Copyable {
    private var text: ByteBuffer
    private let meta: RequestMeta

    init(_ meta: RequestMeta, capacity: Int = 0) {
        self.meta = meta
        text = ByteBuffer(capacity: capacity + 256)
    }

    consuming func success(
        status: Int,
        data: Bytes,
        requestID: Bytes,
        callID: Bytes = .empty
    ) -> UnsafeMutablePointer<CChar>? {
        text.append("{\"ok\":true,\"status\":")
        text.append(decimal: status)
        text.append(",\"data\":")
        text.append(data)
        appendMeta(requestID, callID)
        return text.detach()
    }

    /// `body` is what the server sent: JSON if it was that, otherwise text. What others said, server
    /// and libcurl, goes through the mask.
    consuming func failure(
        _ failure: Failure,
        body: ErrorBody,
        requestID: Bytes,
        mask: SecretMask = SecretMask()
    ) -> UnsafeMutablePointer<CChar>? {
        text.append("{\"ok\":false,\"status\":")
        text.append(decimal: failure.status)
        text.append(",\"error\":{\"type\":")
        text.append(jsonString: failure.kind.name.bytes)
        append(member: "message", failure.message, mask)
        append(member: "details", failure.details, mask)
        append(member: "code", failure.code, mask)
        append(member: "field", failure.field, mask)
        append(member: "offset", failure.offset)
        text.append(",\"sent\":")
        text.append(jsonString: failure.sent.name.bytes)
        text.append(failure.isRetryable ? ",\"retryable\":true" : ",\"retryable\":false")
        append(member: "retryAfterMs", failure.retryAfterMilliseconds)
        if let lookFor = failure.lookFor {
            append(memberName: "lookFor")
            text.append(jsonString: lookFor)
        }
        append(json: "find", failure.find)
        append(body, mask)
        append(json: "body", failure.report)
        text.append(UInt8(ascii: "}"))
        var shownID = ByteBuffer()
        mask.append(requestID, to: &shownID)
        appendMeta(shownID.bytes, body.callID)
        return text.detach()
    }

    private mutating func append(_ body: ErrorBody, _ mask: SecretMask) {
        switch body {
        case .none:
            break
        case .json(let bytes):
            text.append(",\"body\":")
            mask.append(json: bytes, to: &text)
        case .text(let bytes):
            text.append(",\"body\":")
            append(masked: bytes, mask, limit: ErrorBody.longestText)
        }
    }

    private mutating func append(
        member name: StaticString,
        _ value: Message?,
        _ mask: SecretMask
    ) {
        guard let value else { return }
        append(memberName: name)
        value.bytes.withUnsafeBufferPointer { append(masked: $0, mask, limit: .max / 2) }
    }

    /// Masked before it is cut: half of a secret is one.
    private mutating func append(masked bytes: Bytes, _ mask: SecretMask, limit: Int) {
        let longestCharacter = 4
        var shown = ByteBuffer()
        mask.append(bytes, to: &shown, limit: limit + longestCharacter)
        var end = min(shown.count, limit)
        if end < shown.count {
            while end > 0, shown.bytes[end] & 0xC0 == 0x80 { end -= 1 }
        }
        text.append(jsonString: shown.bytes.slice(0, end))
    }

    private mutating func append(member name: StaticString, _ value: Int?) {
        guard let value else { return }
        append(memberName: name)
        text.append(decimal: value)
    }

    private mutating func append(json name: StaticString, _ value: [UInt8]?) {
        guard let value else { return }
        append(memberName: name)
        text.append(value)
    }

    private mutating func append(memberName name: StaticString) {
        text.append(",\"")
        text.append(name)
        text.append("\":")
    }

    private mutating func appendMeta(_ requestID: Bytes, _ callID: Bytes) {
        text.append(",\"meta\":{\"operation\":")
        text.append(jsonString: meta.operation)
        text.append(",\"attempts\":")
        text.append(decimal: meta.attempts)
        text.append(",\"elapsedMs\":")
        text.append(millisecondsOf: meta.elapsedMicroseconds, decimals: 1)
        if meta.turnMicroseconds > 0 {
            text.append(",\"queuedMs\":")
            text.append(millisecondsOf: meta.turnMicroseconds, decimals: 1)
        }
        if !meta.retried.isEmpty { appendRetries() }
        if callID.count > 0 { append(callID: callID) }
        text.append(",\"requestId\":")
        if requestID.count == 0 {
            text.append("null")
        } else {
            text.append(jsonString: requestID)
        }
        text.append("}}")
    }

    /// As it stands in the answer; a number becomes a string.
    private mutating func append(callID: Bytes) {
        append(memberName: "callId")
        let isString = callID[0] == UInt8(ascii: "\"")
        if !isString { text.append(UInt8(ascii: "\"")) }
        text.append(callID)
        if !isString { text.append(UInt8(ascii: "\"")) }
    }

    private mutating func appendRetries() {
        text.append(",\"retries\":[")
        for (index, attempt) in meta.retried.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append("{\"type\":")
            text.append(jsonString: attempt.kind.name.bytes)
            text.append(",\"status\":")
            text.append(decimal: attempt.status)
            text.append(",\"sent\":")
            text.append(jsonString: attempt.sent.name.bytes)
            text.append(",\"waitMs\":")
            text.append(decimal: attempt.pauseMilliseconds)
            text.append(UInt8(ascii: "}"))
        }
        text.append(UInt8(ascii: "]"))
    }
}

/// What an answer says about the call itself.
struct RequestMeta {
    let operation: Bytes
    let elapsedMicroseconds: Int64
    /// How often the request was sent.
    var attempts = 0
    /// The attempts that failed and were followed by another.
    var retried: [RetriedAttempt] = []
    /// How long the request waited for its turn.
    var turnMicroseconds: Int64 = 0
}

extension RequestMeta {
    /// Of a call that ends now.
    init(
        operation: Bytes,
        started: MonotonicTime,
        attempts: Int = 0,
        retried: [RetriedAttempt] = [],
        turnMicroseconds: Int64 = 0
    ) {
        self.init(
            operation: operation,
            elapsedMicroseconds: MonotonicTime.now.microseconds - started.microseconds,
            attempts: attempts,
            retried: retried,
            turnMicroseconds: turnMicroseconds
        )
    }
}

/// An attempt that was followed by another.
struct RetriedAttempt {
    let kind: FailureKind
    let status: Int
    let sent: Sent
    /// Between its failure and the next attempt.
    let pauseMilliseconds: Int
}

/// The server's own words in an error answer.
enum ErrorBody {
    case none
    case json(Bytes)
    case text(Bytes)

    /// A page of HTML in an error helps up to here; the rest is cut.
    static let longestText = 4096

    /// The id of the call that the answer is about; empty when it has none.
    var callID: Bytes {
        switch self {
        case .json(let bytes): CallID.of(bytes)
        case .none, .text: .empty
        }
    }

    var count: Int {
        switch self {
        case .none: 0
        case .json(let bytes): bytes.count
        case .text(let bytes): min(bytes.count, ErrorBody.longestText)
        }
    }
}
