import CTrillet

/// What is known of a transfer that brought no complete answer, and its failure for the caller.
struct TransferAttempt {
    let result: CURLcode
    /// libcurl's own words, empty when it has none.
    let explanation: Bytes
    /// Whether any byte of the request went out.
    let isWritten: Bool
    /// Why libcurl was about to send the request again, which it must not.
    let repetition: RequestStart.Repetition?
    /// Whether the server sent frames without end and no answer.
    let isFlood: Bool
    let isCancelled: Bool
    let limit: AnswerLimits.Exceeded?
    let isOutOfMemory: Bool
    let maxResponseBytes: Int
    let status: Int
    let isRepeatable: Bool
    let timeoutMilliseconds: Int
    let proxy: Proxy?
    /// Of a request that was not started.
    let tunnel: Tunnel?

    var failure: Failure {
        var failure = Failure(kind, message, sent: isWritten ? .maybe : .no)
        if tunnel == nil, limit != nil || isUndecodable {
            failure.status = status
            failure.sent = status / 100 == 2 ? .yes : .maybe
        }
        switch kind {
        case .timeout, .connection:
            failure.isRetryable =
                (isRepeatable || !isWritten) && tunnel?.isRefusedForGood != true
        case .tls: failure.isRetryable = result == CURLE_SSL_CONNECT_ERROR && !isWritten
        default: break
        }
        // What this library has ended, libcurl explains by a callback that failed.
        let isOwnLimit = limit != nil && limit != .line
        if explanation.count > 0, repetition == nil, !isOwnLimit {
            failure.details = CurlWords.shown(explanation)
        }
        return failure
    }

    /// Whether the body could not be unpacked. Of bytes behind the packed ones libcurl says that it could
    /// not write them, as it does of what this library refuses.
    private var isUndecodable: Bool {
        result == CURLE_BAD_CONTENT_ENCODING || (result == CURLE_WRITE_ERROR && !isOutOfMemory)
    }

    /// Whether libcurl was still sending when the service had ended its answer. Of a stream that the service
    /// breaks off it has words. docs/decisions.md, early-answer.
    private var isAnswerLost: Bool { result == CURLE_HTTP2_STREAM && explanation.count == 0 }

    /// Whether a proxy stood between the client and the service, as far as can be seen.
    private var usedProxy: Proxy? {
        guard let proxy, let tunnel else { return nil }
        let isUsed =
            proxy.isCertain || tunnel.status != 0 || tunnel.port == proxy.port
            || result == CURLE_COULDNT_RESOLVE_PROXY
        return isUsed ? proxy : nil
    }

    private var kind: FailureKind {
        if isOutOfMemory { return .internal }
        if limit != nil { return .response }
        if repetition != nil { return .connection }
        if isCancelled, result == CURLE_ABORTED_BY_CALLBACK { return .cancelled }
        if isUndecodable { return .response }
        switch result {
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE:
            return .tls
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            return .response
        case CURLE_BAD_FUNCTION_ARGUMENT where isWritten:
            // libcurl's word for a trailer that is no header line.
            return .response
        case CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK:
            return .invalidArgument
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_BAD_FUNCTION_ARGUMENT,
            CURLE_UNKNOWN_OPTION, CURLE_NOT_BUILT_IN:
            return .internal
        case CURLE_URL_MALFORMAT, CURLE_COULDNT_RESOLVE_PROXY:
            return result == CURLE_URL_MALFORMAT ? .invalidArgument : .connection
        default:
            return .connection
        }
    }

    private var message: Message {
        if isOutOfMemory { return "There is not enough memory for the answer" }
        if let proxy = usedProxy, let tunnel, let message = message(of: proxy, tunnel) {
            return message
        }
        if let limit { return message(of: limit) }
        if let repetition { return TransferAttempt.message(of: repetition) }
        switch kind {
        case .timeout:
            return isWritten
                ? "No complete answer within \(timeoutMilliseconds) ms (timeoutMs)"
                : "No connection to the service in time (connectTimeoutMs, timeoutMs)"
        case .tls:
            return "No trusted TLS connection to the service; see caFile if it has its own CA"
        case .connection where !isWritten:
            return "No connection to the service; check baseUrl, the network and the proxy"
        case .connection where isFlood:
            return """
                The connection was given up: the server sent frames without end and no answer
                """
        case .connection where isAnswerLost:
            return """
                The service answered before it had all of the request, and libcurl lost the answer
                """
        case .connection:
            return "The connection was lost before the answer was complete"
        case .cancelled:
            return "The call was cancelled while it was running"
        case .response:
            return "The answer could not be read"
        case .invalidArgument:
            return result == CURLE_URL_MALFORMAT
                ? "The request has no valid URL"
                : "The file could not be read to its end while it was sent"
        default:
            return "libcurl failed with code \(Int(result.rawValue))"
        }
    }

    private func message(of limit: AnswerLimits.Exceeded) -> Message {
        switch limit {
        case .size:
            "The answer is larger than maxResponseBytes (\(maxResponseBytes))"
        case .header:
            "The answer has more than \(AnswerLimits.mostHeaderBytes) bytes of header lines"
        case .line:
            """
            The head or a trailer of the answer is too large: libcurl takes header lines up to \
            100 KB, 300 KB in all, and trailers up to 4 KB a line
            """
        case .encodings:
            "The answer's content is encoded more than once, which is not undone"
        }
    }

    private static func message(of repetition: RequestStart.Repetition) -> Message {
        switch repetition {
        case .afterLoss:
            """
            The connection was lost after the request had gone out and before an answer \
            came; the service may have acted on it
            """
        case .refused:
            "The service refused the request unread (HTTP/2 REFUSED_STREAM or GOAWAY)"
        case .demandsHTTP1:
            """
            The service demanded HTTP/1.1 for the request, which it may have read; this client \
            speaks HTTP/1.1 from now on
            """
        }
    }

    /// Of a request that did not get through a proxy.
    private func message(of proxy: Proxy, _ tunnel: Tunnel) -> Message? {
        switch kind {
        case .timeout:
            return """
                No connection to the service through the proxy \(proxy.name) in time \
                (connectTimeoutMs, timeoutMs)
                """
        case .tls:
            return """
                No trusted TLS connection through the proxy \(proxy.name); see caFile if the \
                service or the proxy has its own CA
                """
        case .connection where tunnel.wantsLogin:
            return proxy.loginMessage(status: tunnel.status)
        case .connection where tunnel.status != 0 && tunnel.status / 100 != 2:
            return "The proxy \(proxy.name) refused a connection to the service (\(tunnel.status))"
        case .response:
            return "The proxy \(proxy.name) sent an answer that is too large or cannot be read"
        case .connection:
            return "No connection to the service through the proxy \(proxy.name)"
        default:
            return nil
        }
    }
}
