import CTrillet

/// A success of the service on its way into an envelope, or into an outcome.
struct Answer {
    let status: Int
    let transfer: Transfer
    /// What the operation promises; nil where nothing is known of it.
    let expected: AnswerKind?
    let method: Method
    /// Whether it may be about one phone call.
    let isAboutCall: Bool
    /// Where the content went if that is a file.
    let download: Download?

    /// Throws when the answer is not what was promised.
    func envelope(_ meta: RequestMeta) throws(Failure) -> UnsafeMutablePointer<CChar>? {
        let requestID = transfer.headers.requestID.bytes
        guard let value = try checkedValue() else {
            let data = try content()
            if data.isOutOfMemory { return nil }
            return Envelope(meta, capacity: data.count)
                .success(status: status, data: data.bytes, requestID: requestID)
        }
        // As the service wrote it, white space around it included.
        let body = transfer.body.bytes
        return Envelope(meta, capacity: body.count + requestID.count).success(
            status: status,
            data: body.count == 0 ? value.text : body,
            requestID: requestID,
            callID: isAboutCall ? CallID.of(body) : .empty
        )
    }

    /// Takes the body from the transfer, so that nothing is copied. Throws as `envelope` does.
    func move(to outcome: RequestOutcome, _ meta: RequestMeta) throws(Failure) {
        let requestID = transfer.headers.requestID.bytes
        var content = ByteBuffer()
        let value: JSONValue
        if let checked = try checkedValue() {
            value = checked
            swap(&content, &transfer.body)
        } else {
            content = try self.content()
            if content.isOutOfMemory { throw Failure.outOfMemory }
            value = JSONValue(kind: .object, text: content.bytes, hasEscapes: false)
        }
        outcome.succeed(
            value,
            in: content,
            status: status,
            meta,
            requestID: requestID,
            clockLead: Int(transfer.headers.serviceMilliseconds - WallClock.milliseconds)
        )
    }

    /// What stands for no content.
    static var null: JSONValue {
        JSONValue(kind: .null, text: ("null" as StaticString).bytes, hasEscapes: false)
    }

    /// The body's value; nil for what is no JSON.
    @inline(__always)
    private func checkedValue() throws(Failure) -> JSONValue? {
        if download != nil { return nil }
        let body = transfer.body.bytes
        if body.count == 0 { return Answer.null }
        if isUnwantedPage { throw page }
        if mayBeJSON {
            do throws(JSONError) {
                return try JSONScanner.check(body, allowsLoneSurrogates: true)
            } catch {
                if mustBeJSON, !isStillEncoded { throw unusable(Answer.illFormed(error)) }
            }
        }
        if isStillEncoded { throw encoded }
        return nil
    }

    /// Where only a page can have come for the service: a captive portal's, a proxy's, or a whole
    /// web site under a wrong baseUrl. A GET of a path that we know nothing of may want one.
    /// docs/decisions.md, named-operations-want-json.
    private var isUnwantedPage: Bool {
        let isWanted = expected == nil && method == .get
        return !isWanted && transfer.body.bytes.isMarkup
    }

    private var isStillEncoded: Bool { transfer.encodingLeft.count > 0 }

    private var mustBeJSON: Bool {
        expected == .json || transfer.isDeclaredJSON
    }

    /// A text answer is not taken for JSON because it happens to be a number.
    private var mayBeJSON: Bool {
        mustBeJSON || transfer.contentType.count == 0
    }

    /// The JSON of an answer that is none.
    private func content() throws(Failure) -> ByteBuffer {
        guard let download else {
            if !transfer.showsItsEnd {
                throw DownloadFailure.endUnknown(transfer.body.count, status)
            }
            return AnswerContent.of(transfer)
        }
        return try AnswerContent.of(download, fileName: transfer.headers.fileName)
    }

    private static func illFormed(_ error: JSONError) -> Message {
        "\(error.explanation) at byte \(error.offset)"
    }

    /// Only JSON, or what was meant to be, shows that it was the service that answered.
    private var isFromService: Bool {
        let body = transfer.body.bytes
        return body.isLikeJSON || (transfer.isDeclaredJSON && !body.isMarkup)
    }

    private var encoded: Failure {
        var failure = unusable("No encoding was asked for, since baseUrl is on this machine")
        failure.message = ErrorAnswer.encodedMessage(transfer, status)
        return failure
    }

    private func unusable(_ details: Message) -> Failure {
        let acted: Message =
            method == .get
            ? ""
            : isFromService ? "; the service acted" : "; whether the service acted is not known"
        var failure = Failure(
            .response,
            """
            The answer (\(status)) is not JSON (content type '\(transfer.contentType)')\(acted)
            """,
            sent: isFromService ? .yes : .maybe
        )
        failure.status = status
        failure.details = details
        return failure
    }

    private var page: Failure {
        let acted: Message = method == .get ? "" : "; whether the service acted is not known"
        var failure = Failure(
            .response,
            """
            A web page came instead of the service's answer (\(status)): baseUrl may be wrong, or a \
            proxy or a network's sign-in page answered\(acted)
            """,
            sent: .maybe
        )
        failure.status = status
        failure.code = ErrorAnswer.pageCode
        failure.details = "The answer is not JSON (content type '\(transfer.contentType)')"
        return failure
    }
}

extension Transfer {
    /// The media type of the answer, without its parameters.
    var contentType: Bytes {
        let text = Bytes(text: shim_info_text(easy, CURLINFO_CONTENT_TYPE))
        return text.slice(0, text.firstOffset(of: UInt8(ascii: ";")) ?? text.count).trimmed
    }

    var isDeclaredJSON: Bool {
        let type = contentType
        return type.equalsIgnoringCase(("application/json" as StaticString).bytes)
            || type.slice(type.count - 5, type.count)
                .equalsIgnoringCase(("+json" as StaticString).bytes)
    }
}
