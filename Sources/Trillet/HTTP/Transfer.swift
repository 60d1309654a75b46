import CTrillet

/// One libcurl handle with its buffers, used for one request after another.
final class Transfer {
    let easy: UnsafeMutableRawPointer
    var body = ByteBuffer()
    var headers = AnswerHeaders()
    /// Whose request this is, in the words of whoever drives the transfer.
    var owner = 0
    /// Where it opens a connection: the socket of the one that libcurl keeps, negative for none.
    var openedSocket: Int32?
    /// Where it is under way, or was last.
    private(set) var handle: MultiHandle.Pointer?

    private let maxResponseBytes: Int
    private let asksForEncodings: Bool
    private let errorText: UnsafeMutablePointer<CChar>
    private let prerequest: UnsafeMutablePointer<shim_prerequest>
    private let flood: UnsafeMutablePointer<shim_flood_guard>
    private let events: UnsafeMutablePointer<shim_multi_events>?
    let isSecure: Bool
    /// Whether a new connection is noted in `events` before the request is sent.
    var announcesConnections: Bool { isSecure && start.isVisible }
    let proxy: Proxy?
    let service: ServiceProtocol

    /// Where the answer goes if that is a file.
    private(set) var download: Download?
    private var multipart = MultipartBody()
    private var early = EarlyAnswer()
    private var start: RequestStart
    private var limits = AnswerLimits()
    private var isCancelled = false
    private var fence = StartFence()
    private var isRepeatable = true
    /// Whether the service has begun to answer, with an interim answer too.
    private var hasAnswerBegun = false
    private var floodsBefore: UInt32 = 0
    private var failedTraffic: Traffic?
    /// What the caller asked for, for the message of a timeout.
    private var timeoutMilliseconds = 0

    private(set) var lastURL = ByteBuffer()
    /// What libcurl reads of `lastURL`: it need not take the same URL apart for every request.
    private let parsedURL: OpaquePointer
    private var lastMethod = Method.get
    private var lastTimeoutMilliseconds = -1
    private var speaksHTTP1 = false

    /// A body buffer that grew beyond this is given back after the call.
    private static let keptBodyCapacity = 256 * 1024

    /// Whether libcurl may remember in the handle what it must not believe of the next request.
    private(set) var isSpoiled = false

    /// nil when there is no memory. `flood` and `events` belong to whoever drives the transfer.
    init?(
        _ settings: borrowing TransferSettings,
        flood: UnsafeMutablePointer<shim_flood_guard>,
        events: UnsafeMutablePointer<shim_multi_events>? = nil
    ) {
        guard let easy = curl_easy_init() else { return nil }
        guard let parsedURL = curl_url() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.easy = easy
        self.parsedURL = parsedURL
        self.flood = flood
        self.events = events
        isSecure = settings.isSecure
        proxy = settings.proxyName
        service = settings.service
        maxResponseBytes = settings.maxResponseBytes
        asksForEncodings = settings.asksForEncodings
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        prerequest = .allocate(capacity: 1)
        prerequest.initialize(to: shim_prerequest(function: onRequestStart, context: nil))
        start = RequestStart(
            easy,
            isVisible: shim_set_prerequest(easy, prerequest) == CURLE_OK,
            goodbyes: shim_goodbyes_of(events)
        )
        shim_set_socket_events(easy, events)
        configure(settings)
    }

    deinit {
        if shim_tls_is_gone() == 0 { curl_easy_cleanup(easy) }
        curl_url_cleanup(parsedURL)
        errorText.deallocate()
        prerequest.deallocate()
    }

    private func configure(_ settings: borrowing TransferSettings) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        prerequest.pointee.context = context
        _ = shim_set_pointer(easy, CURLOPT_PRIVATE, context)
        setCallbacks()
        _ = shim_set_pointer(easy, CURLOPT_WRITEDATA, context)
        _ = shim_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = shim_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
        settings.apply(to: easy)
        if settings.isSecure { shim_set_flood_guard(easy, flood) }
        if !start.isVisible {
            // libcurl sends again, unseen, what fails on a kept connection, and streams of HTTP/2
            // that were refused or that it mistakes for one.
            _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
            _ = shim_set_long(easy, CURLOPT_FORBID_REUSE, 1)
            _ = shim_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        }
    }

    // MARK: One request

    /// Notes whose connections it uses: libcurl counts those of each multi handle from 0.
    func enter(_ handle: MultiHandle.Pointer) {
        self.handle = handle
        if isSecure { start.hear(shim_goodbyes_of(handle.pointee.events)) }
    }

    /// Makes the handle ready to send the request, which must stay as it is until `finish`.
    @_optimize(speed)
    func begin(
        _ request: borrowing HTTPRequest,
        timeoutMilliseconds: Int,
        startsBefore: MonotonicTime = .distantFuture
    ) throws(Failure) {
        fence = StartFence(before: startsBefore, notAfter: request.notAfter)
        body.removeAll()
        headers.removeAll()
        limits = AnswerLimits()
        isCancelled = false
        hasAnswerBegun = false
        failedTraffic = nil
        start.reset(isSecure: isSecure, isUnproven: events?.pointee.is_unproven == 1)
        floodsBefore = flood.pointee.broken
        errorText[0] = 0
        isRepeatable = request.isRepeatable
        self.timeoutMilliseconds = request.timeoutMilliseconds
        if isSecure { followProtocol() }
        try prepare(request, timeoutMilliseconds)
        if request.download != nil || download != nil {
            return try begin(request.download, request.headers)
        }
        _ = shim_set_pointer(easy, CURLOPT_HTTPHEADER, request.headers)
    }

    /// What is written to a file must be the bytes that the service counts: no encoding is asked for.
    @inline(never)
    private func begin(
        _ download: Download?,
        _ headers: UnsafeMutablePointer<curl_slist>?
    ) throws(Failure) {
        self.download = download
        setCallbacks()
        if asksForEncodings {
            let encodings: StaticString? = download == nil ? "" : nil
            _ = shim_set_pointer(easy, CURLOPT_ACCEPT_ENCODING, encodings?.cText)
        }
        let lines = try download?.begin(lastURL.bytes, headers) ?? headers
        _ = shim_set_pointer(easy, CURLOPT_HTTPHEADER, lines)
    }

    private func followProtocol() {
        let mustSpeakHTTP1 = service.demandsHTTP1
        guard mustSpeakHTTP1 != speaksHTTP1 else { return }
        _ = shim_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // libcurl would send it over an open connection that speaks HTTP/2.
        _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
        speaksHTTP1 = mustSpeakHTTP1
    }

    @_optimize(speed)
    private func prepare(
        _ request: borrowing HTTPRequest,
        _ timeoutMilliseconds: Int
    ) throws(Failure) {
        if !request.url.equals(lastURL.bytes) {
            lastURL.removeAll()
            request.url.append(to: &lastURL)
            guard let url = lastURL.terminated(), set(url: url) == CURLE_OK else {
                lastURL.removeAll()
                throw Failure.outOfMemory
            }
        }
        if timeoutMilliseconds != lastTimeoutMilliseconds {
            _ = shim_set_long(easy, CURLOPT_TIMEOUT_MS, timeoutMilliseconds)
            lastTimeoutMilliseconds = timeoutMilliseconds
        }
        early.reset(easy)
        switch request.body {
        case .none:
            start.hasBody = false
            _ = shim_set_long(easy, CURLOPT_HTTPGET, 1)
        case .json(let json):
            early.mayCome = json.count > EarlyAnswer.longestShortBody
            _ = shim_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(json.count))
            _ = shim_set_pointer(easy, CURLOPT_POSTFIELDS, json.start)
            _ = shim_set_long(easy, CURLOPT_POST, 1)
        case .multipart(let parts):
            early.mayCome = true
            multipart = try MultipartBody.make(parts, on: easy)
        }
        // Set last: the calls above choose GET or POST, this one only renames it.
        if request.method != lastMethod || request.method != .post {
            let isPlain = request.method == .get || request.method == .post
            let name = isPlain ? nil : request.method.name.cText
            _ = shim_set_pointer(easy, CURLOPT_CUSTOMREQUEST, name)
            lastMethod = request.method
        }
    }

    private func set(url: UnsafePointer<CChar>) -> CURLcode {
        let flags = UInt32(CURLU_PATH_AS_IS)
        // Before libcurl 8.3 the copy that it takes lost the zone of an IPv6 address.
        // docs/decisions.md, parsed-url.
        guard lastURL.bytes.firstOffset(of: UInt8(ascii: "[")) == nil,
            curl_url_set(parsedURL, CURLUPART_URL, url, flags) == CURLUE_OK
        else {
            // What is wrong with it, the transfer will say.
            _ = shim_set_pointer(easy, CURLOPT_CURLU, nil)
            return shim_set_pointer(easy, CURLOPT_URL, url)
        }
        return shim_set_pointer(easy, CURLOPT_CURLU, UnsafeRawPointer(parsedURL))
    }

    /// What came of it: the HTTP status, with the answer in `body` and `headers`.
    @_optimize(speed)
    func finish(_ result: CURLcode) throws(Failure) -> Int {
        let result = fence.refusal == .deadline ? CURLE_OPERATION_TIMEDOUT : result
        if multipart.isUsed {
            let problem = multipart.problem
            _ = shim_set_pointer(easy, CURLOPT_MIMEPOST, nil)
            multipart = MultipartBody()
            if let problem, result != CURLE_OK, !isCancelled { throw unsent(problem, result) }
        }
        if fence.refusal == .notAfter {
            // Keeps account of the attempt.
            _ = failure(of: result)
            throw Failure.startsTooLate
        }
        if let problem = download?.problem {
            // Keeps account of the attempt.
            _ = failure(of: result)
            throw problem
        }
        let isAnswered = result == CURLE_OK || (EarlyAnswer.counts(despite: result) && isWhole)
        guard isAnswered, !body.isOutOfMemory else { throw failure(of: result) }
        if result != CURLE_OK { isSpoiled = true }
        // libcurl takes a connection that is closed inside the head for the end of the answer.
        // docs/decisions.md, complete-head.
        guard headers.isComplete else { throw failure(of: CURLE_PARTIAL_FILE) }
        if let download { try conclude(download) }
        events?.pointee.is_unproven = 0
        return shim_info_long(easy, CURLINFO_RESPONSE_CODE)
    }

    private var isWhole: Bool { EarlyAnswer.isWhole(headers, body.count, easy) }

    /// The file could not be sent to its end, which says more than how libcurl ended for it.
    private func unsent(_ problem: Failure, _ result: CURLcode) -> Failure {
        var failure = problem
        failure.sent = self.failure(of: result).sent
        return failure
    }

    /// What came of a transfer that was ended before libcurl ended it.
    func finishCancelled() -> Failure {
        isCancelled = true
        do throws(Failure) {
            _ = try finish(CURLE_ABORTED_BY_CALLBACK)
            return Failure.outOfMemory
        } catch {
            return error
        }
    }

    /// Whether the request has been handed to a connection, which may have sent some of it.
    var hasBegun: Bool {
        start.isVisible ? start.count > 0 : start.isWritten
    }

    /// Whether the service has refused the request unread.
    var isRefused: Bool { start.repetition == .refused }

    /// Whether a later request may use the connection of this one.
    var keepsConnection: Bool { start.isVisible }

    /// Whether the connection that it uses, over TLS, is one that it has opened.
    var isFirstOnConnection: Bool { start.isOnNewConnection }

    /// Whether each request opens a connection, although there may be open ones.
    var opensAfresh: Bool { !start.isVisible || speaksHTTP1 }

    /// Frees what a large answer left behind, so that an idle client stays small.
    func becomeIdle() {
        body.removeAll(keepingAtMost: Transfer.keptBodyCapacity)
    }

    /// What the request cost the network, once it has ended.
    var traffic: Traffic { failedTraffic ?? Traffic(of: easy, isWritten: start.count > 0) }

    /// What it ends with when it cannot even be tried.
    func refuseConnection(_ reason: StaticString) -> CURLcode {
        memcpy(errorText, reason.cText, reason.utf8CodeUnitCount + 1)
        return CURLE_COULDNT_CONNECT
    }

    // MARK: What libcurl reports

    func noteProgress() { flood.pointee.records = 0 }

    @_optimize(speed)
    func receive(_ bytes: Bytes) -> Int {
        flood.pointee.records = 0
        guard limits.allow(body: bytes.count, after: body.count, most: maxResponseBytes) else {
            return 0
        }
        body.append(bytes)
        if early.mayCome, isWhole { early.endStandstill(easy) }
        return body.isOutOfMemory ? 0 : bytes.count
    }

    @_optimize(speed)
    func receive(header line: Bytes) -> Int {
        flood.pointee.records = 0
        let isTrailer = headers.isComplete
        // Before the request is started, it is a proxy that answers.
        if hasBegun { hasAnswerBegun = true }
        headers.receive(line)
        let isAllowed = limits.allow(
            header: line.count,
            isTrailer: isTrailer && headers.isComplete,
            after: body.count,
            most: maxResponseBytes,
            encodings: headers.encodings
        )
        return isAllowed ? line.count : 0
    }

    func startRequest() -> Int32 {
        // What a proxy said of the tunnel is no part of the service's answer.
        if headers.isComplete { headers.removeAll() }
        guard fence.opens(hasStarted: start.count > 0),
            start.note(errorText: Bytes(text: errorText))
        else { return 1 }
        if start.isOnNewConnection { events?.pointee.has_connected |= shim_connection_kind(easy) }
        return 0
    }

    /// What the body is still encoded as: libcurl undoes what it asked for. Empty otherwise.
    var encodingLeft: Bytes {
        asksForEncodings && download == nil ? .empty : headers.contentEncoding.bytes
    }

    private func isLineTooLong(_ result: CURLcode) -> Bool {
        HeadLimit.isExceeded(result, Bytes(text: errorText), on: easy)
    }

    private func failure(of result: CURLcode) -> Failure {
        // docs/decisions.md, openssl-error-queue.
        shim_tls_forget_errors()
        let status = shim_info_long(easy, CURLINFO_RESPONSE_CODE)
        failedTraffic = Traffic(of: easy, isWritten: start.count > 0)
        // A service that answers has read the request, whatever it says then.
        if !hasAnswerBegun, !isCancelled { start.settle(result) }
        isSpoiled = start.count > 0
        if start.repetition == .demandsHTTP1 { service.noteDemandForHTTP1() }
        if start.isStreamRefused { service.noteFewStreams() }
        let tunnel = proxy == nil || hasBegun ? nil : Tunnel(of: easy)
        let attempt = TransferAttempt(
            result: result,
            explanation: Bytes(text: errorText),
            isWritten: start.isWritten,
            repetition: start.repetition,
            isFlood: flood.pointee.broken != floodsBefore,
            isCancelled: isCancelled,
            limit: limits.exceeded ?? (isLineTooLong(result) ? .line : nil),
            isOutOfMemory: body.isOutOfMemory,
            maxResponseBytes: maxResponseBytes,
            status: status,
            isRepeatable: isRepeatable,
            timeoutMilliseconds: timeoutMilliseconds,
            proxy: proxy,
            tunnel: tunnel
        )
        var failure = attempt.failure
        if let tunnel, tunnel.status >= 300 {
            failure.retryAfterMilliseconds = headers.retryAfterMilliseconds
        }
        // Without an answer of the service they can only be those of a proxy.
        if tunnel != nil || status == 0 { headers.removeAll() }
        return failure
    }
}
