import CTrillet

/// One libcurl handle with its connection and its buffers, used for one request after another.
///
/// It drives a multi handle of its own, as `curl_easy_perform` does inside: the cost is the same,
/// and another thread can wake it to cancel.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    let multi: UnsafeMutableRawPointer
    var body = ByteBuffer()
    var headers = AnswerHeaders()

    private let maxResponseBytes: Int
    /// Neither the service nor a proxy can be reached over TLS.
    private let isPlainText: Bool
    private let cancelFlag: UnsafeMutablePointer<Int32>
    private let errorText: UnsafeMutablePointer<CChar>
    private let prerequest: UnsafeMutablePointer<shim_prerequest>
    private let seesRequestsStart: Bool

    private var isTooLarge = false
    private var requestsStarted = 0
    private var mayStartAgain = true

    private var lastURL = ByteBuffer()
    private var lastMethod = Method.get
    private var lastTimeoutMilliseconds = -1

    /// A body buffer that grew beyond this is given back after the call.
    private static let keptBodyCapacity = 256 * 1024

    init?(_ settings: borrowing TransferSettings) {
        guard let easy = curl_easy_init() else { return nil }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.easy = easy
        self.multi = multi
        maxResponseBytes = settings.maxResponseBytes
        isPlainText = !settings.isSecure && settings.isLoopback && settings.proxy == nil
        cancelFlag = .allocate(capacity: 1)
        cancelFlag.initialize(to: 0)
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        prerequest = .allocate(capacity: 1)
        prerequest.initialize(to: shim_prerequest(function: onRequestStart, context: nil))
        seesRequestsStart = shim_set_prerequest(easy, prerequest) == CURLE_OK
        configure(settings)
    }

    deinit {
        // Closing a TLS connection writes to it.
        _ = withoutSIGPIPE {
            curl_easy_cleanup(easy)
            return curl_multi_cleanup(multi)
        }
        cancelFlag.deallocate()
        errorText.deallocate()
        prerequest.deallocate()
    }

    private func configure(_ settings: borrowing TransferSettings) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        prerequest.pointee.context = context
        _ = shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2)
        _ = shim_set_write_function(easy, onBody)
        _ = shim_set_pointer(easy, CURLOPT_WRITEDATA, context)
        _ = shim_set_header_function(easy, onHeader)
        _ = shim_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = shim_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        _ = shim_set_long(easy, CURLOPT_NOSIGNAL, 1)
        _ = shim_set_long(easy, CURLOPT_NOPROGRESS, 1)
        _ = shim_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        _ = shim_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        // A dot segment in a path is the caller's text, not an instruction.
        _ = shim_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        shim_set_quick_exit(easy)
        _ = shim_set_long(
            easy,
            CURLOPT_CONNECTTIMEOUT_MS,
            settings.connectTimeoutMilliseconds
        )
        _ = shim_allow_http_only(easy)
        if !settings.isLoopback {
            // Every encoding that this libcurl can undo. Within a machine it would save nothing.
            _ = shim_set_pointer(easy, CURLOPT_ACCEPT_ENCODING, ("" as StaticString).cText)
        }
        configureTrust(settings)
        configureProxy(settings)
    }

    private func configureTrust(_ settings: borrowing TransferSettings) {
        guard settings.isSecure else { return }
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        _ = shim_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = settings.caFile { set(CURLOPT_CAINFO, to: caFile) }
    }

    private func configureProxy(_ settings: borrowing TransferSettings) {
        if let proxy = settings.proxy {
            set(CURLOPT_PROXY, to: proxy)
        } else if settings.isLoopback {
            // A proxy from the environment would take a request for this machine, and its key,
            // somewhere else.
            _ = shim_set_pointer(easy, CURLOPT_PROXY, ("" as StaticString).cText)
        }
    }

    private func set(_ option: CURLoption, to text: [UInt8]) {
        var buffer = ByteBuffer(capacity: text.count + 1)
        buffer.append(text)
        _ = shim_set_pointer(easy, option, buffer.terminated())
    }

    // MARK: Performing

    /// Sends the request and receives the whole answer into `body` and `headers`.
    func perform(
        _ request: inout HTTPRequest,
        headers list: UnsafeMutablePointer<curl_slist>?
    ) throws(Failure) -> Int {
        body.removeAll()
        headers.removeAll()
        isTooLarge = false
        requestsStarted = 0
        errorText[0] = 0
        mayStartAgain = request.method.isRepeatable
        if !seesRequestsStart {
            // Without a way to see a second attempt, an old connection is no place for a POST.
            _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, mayStartAgain ? 0 : 1)
        }

        var multipart = MultipartBody()
        try prepare(&request, &multipart)
        _ = shim_set_pointer(easy, CURLOPT_HTTPHEADER, list)

        let result = withoutSIGPIPE { run() }
        if multipart.isUsed { _ = shim_set_pointer(easy, CURLOPT_MIMEPOST, nil) }
        guard result == CURLE_OK, !body.isOutOfMemory else { throw failure(of: result) }
        // libcurl takes a connection that is closed inside the head for the end of the answer.
        guard headers.isComplete else { throw failure(of: CURLE_PARTIAL_FILE) }
        return shim_info_long(easy, CURLINFO_RESPONSE_CODE)
    }

    private func prepare(
        _ request: inout HTTPRequest,
        _ multipart: inout MultipartBody
    ) throws(Failure) {
        if !request.url.bytes.equals(lastURL.bytes) {
            guard let url = request.url.terminated(),
                shim_set_pointer(easy, CURLOPT_URL, url) == CURLE_OK
            else { throw Failure.outOfMemory }
            lastURL.removeAll()
            lastURL.append(request.url.bytes)
        }
        if request.timeoutMilliseconds != lastTimeoutMilliseconds {
            _ = shim_set_long(easy, CURLOPT_TIMEOUT_MS, request.timeoutMilliseconds)
            lastTimeoutMilliseconds = request.timeoutMilliseconds
        }
        switch request.body {
        case .none:
            _ = shim_set_long(easy, CURLOPT_HTTPGET, 1)
        case .json(let json):
            _ = shim_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(json.count))
            _ = shim_set_pointer(easy, CURLOPT_POSTFIELDS, json.start)
            _ = shim_set_long(easy, CURLOPT_POST, 1)
        case .multipart(let parts):
            try multipart.build(parts, on: easy)
        }
        // Set last: the calls above choose GET or POST, this one only renames it.
        if request.method != lastMethod || request.method != .post {
            let isPlain = request.method == .get || request.method == .post
            let name = isPlain ? nil : request.method.name.cText
            _ = shim_set_pointer(easy, CURLOPT_CUSTOMREQUEST, name)
            lastMethod = request.method
        }
    }

    /// A write to a closed connection must not raise a signal in the host. libcurl sends plain text
    /// with MSG_NOSIGNAL; TLS libraries do not.
    private func withoutSIGPIPE<Result>(_ body: () -> Result) -> Result {
        if isPlainText { return body() }
        var guardState = shim_sigpipe_guard()
        shim_sigpipe_block(&guardState)
        defer { shim_sigpipe_restore(&guardState) }
        return body()
    }

    private func run() -> CURLcode {
        guard curl_multi_add_handle(multi, easy) == CURLM_OK else { return CURLE_OUT_OF_MEMORY }
        defer { curl_multi_remove_handle(multi, easy) }
        while true {
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else {
                return CURLE_OUT_OF_MEMORY
            }
            if running == 0 { return result() }
            if shim_flag_load(cancelFlag) != 0 { return CURLE_ABORTED_BY_CALLBACK }
            guard curl_multi_poll(multi, nil, 0, 1000, nil) == CURLM_OK else {
                return CURLE_OUT_OF_MEMORY
            }
        }
    }

    private func result() -> CURLcode {
        var queued: Int32 = 0
        while let message = curl_multi_info_read(multi, &queued) {
            if message.pointee.msg == CURLMSG_DONE { return message.pointee.data.result }
        }
        return CURLE_FAILED_INIT
    }

    /// Frees what a large answer left behind, so that an idle client stays small.
    func becomeIdle() {
        body.removeAll(keepingAtMost: Transfer.keptBodyCapacity)
    }

    // MARK: Cancelling, from any thread

    func cancel() {
        shim_flag_store(cancelFlag, 1)
        curl_multi_wakeup(multi)
    }

    // MARK: What libcurl tells

    fileprivate func receive(_ bytes: Bytes) -> Int {
        if bytes.count > maxResponseBytes - body.count {
            isTooLarge = true
            return 0
        }
        body.append(bytes)
        return body.isOutOfMemory ? 0 : bytes.count
    }

    /// libcurl sends a request again by itself when a kept-alive connection dies without an
    /// answer. The service may have acted on the first one: a phone must not ring twice.
    fileprivate func startRequest() -> Int32 {
        requestsStarted += 1
        return requestsStarted == 1 || mayStartAgain ? 0 : 1
    }

    private func failure(of result: CURLcode) -> Failure {
        let attempt = TransferAttempt(
            result: result,
            explanation: Bytes(text: errorText),
            isWritten: requestsStarted > 1 || shim_info_long(easy, CURLINFO_REQUEST_SIZE) > 0,
            isStartedTwice: requestsStarted > 1 && !mayStartAgain,
            isCancelled: shim_flag_load(cancelFlag) != 0,
            isTooLarge: isTooLarge,
            isOutOfMemory: body.isOutOfMemory,
            maxResponseBytes: maxResponseBytes,
            status: shim_info_long(easy, CURLINFO_RESPONSE_CODE),
            isRepeatable: mayStartAgain,
            timeoutMilliseconds: lastTimeoutMilliseconds
        )
        return attempt.failure
    }
}

private func onBody(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) { $0.receive(Bytes(data, count)) } ?? 0
}

private func onHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) {
        $0.headers.receive(Bytes(data, count))
        return count
    } ?? 0
}

private func onRequestStart(_ context: UnsafeMutableRawPointer?) -> Int32 {
    withTransfer(context) { $0.startRequest() } ?? 0
}

/// libcurl hands back the transfer that the handle was given; it lives as long as the handle.
private func withTransfer<Result>(
    _ context: UnsafeMutableRawPointer?,
    _ body: (Transfer) -> Result
) -> Result? {
    guard let context else { return nil }
    return Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}
