import CTrillet

/// What is known of a transfer that brought no complete answer, and what the caller is told.
struct TransferAttempt {
    let result: CURLcode
    /// libcurl's own words, empty when it has none.
    let explanation: Bytes
    /// Whether any byte of the request went out.
    let isWritten: Bool
    /// Whether libcurl was about to send a request again that must not be.
    let isStartedTwice: Bool
    let isCancelled: Bool
    let isTooLarge: Bool
    let isOutOfMemory: Bool
    let maxResponseBytes: Int
    let status: Int
    let isRepeatable: Bool
    let timeoutMilliseconds: Int

    var failure: Failure {
        var failure = Failure(kind, message, sent: isWritten ? .maybe : .no)
        if isTooLarge || result == CURLE_BAD_CONTENT_ENCODING {
            failure.status = status
            failure.sent = status / 100 == 2 ? .yes : .maybe
        }
        switch kind {
        case .timeout, .connection: failure.isRetryable = isRepeatable || !isWritten
        case .tls: failure.isRetryable = result == CURLE_SSL_CONNECT_ERROR && !isWritten
        default: break
        }
        if explanation.count > 0, !isStartedTwice { failure.details = Message(explanation) }
        return failure
    }

    private var kind: FailureKind {
        if isOutOfMemory { return .internal }
        if isTooLarge { return .response }
        if isStartedTwice { return .connection }
        if isCancelled, result == CURLE_ABORTED_BY_CALLBACK { return .cancelled }
        switch result {
        case CURLE_OPERATION_TIMEDOUT:
            return .timeout
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_USE_SSL_FAILED,
            CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE:
            return .tls
        case CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
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
        if isTooLarge {
            return "The answer is larger than maxResponseBytes (\(maxResponseBytes))"
        }
        if isStartedTwice {
            return """
                The connection was lost after the request had gone out and before an answer \
                came; the service may have acted on it
                """
        }
        switch kind {
        case .timeout:
            return isWritten
                ? "No complete answer within \(timeoutMilliseconds) ms (timeoutMs)"
                : "No connection to the service in time (connectTimeoutMs, timeoutMs)"
        case .tls:
            return "No trusted TLS connection to the service; see caFile if it has its own CA"
        case .connection where !isWritten:
            return "No connection to the service; check baseUrl, the network and the proxy"
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
}
