import CTrillet

/// One blocking call, from the caller's text to the answer's.
struct Call {
    let client: Client
    let operation: Bytes
    let answerKind: AnswerKind?
    let started: MonotonicTime

    /// `prepare` makes the builder once the request's options are known.
    func run(
        request text: Bytes,
        options optionsText: Bytes,
        prepare: (RequestOptions) throws(Failure) -> RequestBuilder
    ) -> UnsafeMutablePointer<CChar>? {
        do throws(Failure) {
            if client.isForked { throw Call.forked }
            if client.pool.isClosed { throw TransferPool.closed }
            let options = try RequestOptions(json: optionsText, of: client.options)
            let deadline = started.advanced(byMilliseconds: options.timeoutMilliseconds)
            var request = try prepare(options).build(
                from: text,
                baseURL: client.baseURL.text,
                timeoutMilliseconds: options.timeoutMilliseconds
            )
            let headers = try SelectedHeaders(client, options, isJSON: request.body.isJSON)
            let transfer = try client.pool.checkOut(until: deadline)
            defer { client.pool.checkIn(transfer) }
            return send(&request, headers: headers.head, over: transfer)
        } catch {
            return Envelope(meta(attempts: 0)).failure(error, body: .none, requestID: .empty)
        }
    }

    private func send(
        _ request: inout HTTPRequest,
        headers: UnsafeMutablePointer<curl_slist>?,
        over transfer: Transfer
    ) -> UnsafeMutablePointer<CChar>? {
        do throws(Failure) {
            let status = try transfer.perform(&request, headers: headers)
            let answer = Answer(
                status: status,
                transfer: transfer,
                method: request.method,
                expected: answerKind
            )
            return answer.envelope(meta(attempts: 1))
        } catch {
            let attempts = error.sent == .no && error.kind == .invalidArgument ? 0 : 1
            return Envelope(meta(attempts: attempts)).failure(
                error,
                body: .none,
                requestID: transfer.headers.requestID.bytes
            )
        }
    }

    private func meta(attempts: Int) -> CallMeta {
        CallMeta(operation: operation, started: started, attempts: attempts)
    }

    static var forked: Failure {
        Failure(
            .forked,
            """
            The client was made before this process was forked and belongs to the parent; make a \
            new one here with trillet_client_new
            """
        )
    }
}

/// The client's own header list, or one made for this request alone.
private struct SelectedHeaders: ~Copyable {
    let head: UnsafeMutablePointer<curl_slist>?
    private let own: HeaderList

    init(_ client: Client, _ options: RequestOptions, isJSON: Bool) throws(Failure) {
        if options.headers.isEmpty, options.idempotencyKey.isEmpty {
            own = HeaderList()
            head = client.commonHeaders(isJSON: isJSON)
            return
        }
        var headers = RequestHeaders(client: client.options)
        headers.request = options.headers
        headers.idempotencyKey = options.idempotencyKey
        own = try headers.makeList(isJSON: isJSON)
        head = own.head
    }
}

extension RequestBody {
    fileprivate var isJSON: Bool {
        switch self {
        case .json: true
        case .none: false
        case .multipart: false
        }
    }
}
