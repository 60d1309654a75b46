import CTrillet

/// How far a request got on the wire, as libcurl shows it before each start.
///
/// libcurl starts a request again by itself when a kept-alive connection dies without an answer, when
/// a server refuses its stream, and when it demands HTTP/1.1. A phone must not ring twice, so a second
/// start ends the transfer once a byte of the request may have been written, and the retry policy
/// decides. Where it does no harm, it is still to be counted.
struct RequestStart: ~Copyable {
    enum Repetition {
        /// The service may have acted on the first request.
        case afterLoss
        /// The service certainly did not act on it.
        case refused
        case demandsHTTP1
    }

    private let easy: UnsafeMutableRawPointer
    /// Whether this libcurl announces what it starts.
    let isVisible: Bool
    /// How often libcurl was about to send the request.
    private(set) var count = 0
    var hasBody = true
    private(set) var repetition: Repetition?
    private var isSecure = false
    private var isListening = false
    /// Whether the TLS connection was opened for this request.
    private(set) var isOnNewConnection = false
    /// Without the request's own bytes: a CONNECT counts as well.
    private var bytesBefore = 0
    private let refusal: UnsafeMutablePointer<shim_refusal>

    init(
        _ easy: UnsafeMutableRawPointer,
        isVisible: Bool,
        goodbyes: UnsafeMutablePointer<shim_goodbyes>?
    ) {
        self.easy = easy
        self.isVisible = isVisible
        refusal = .allocate(capacity: 1)
        refusal.initialize(to: shim_refusal())
        refusal.pointee.goodbyes = goodbyes
        shim_hear_refusal(easy, refusal)
    }

    deinit {
        refusal.deallocate()
    }

    func hear(_ goodbyes: UnsafeMutablePointer<shim_goodbyes>?) {
        refusal.pointee.goodbyes = goodbyes
    }

    /// `isUnproven`: what libcurl says of the connections is worth its cost, since none that is open
    /// has brought an answer.
    mutating func reset(isSecure: Bool, isUnproven: Bool) {
        count = 0
        hasBody = true
        repetition = nil
        bytesBefore = 0
        self.isSecure = isSecure
        isOnNewConnection = false
        let mustListen = !isVisible || (isSecure && isUnproven)
        if isListening || mustListen { listen(mustListen) }
    }

    /// libcurl is about to send the request; whether it may. docs/decisions.md, no-hidden-repeat.
    mutating func note(errorText: Bytes) -> Bool {
        let bytes = shim_info_long(easy, CURLINFO_REQUEST_SIZE)
        if count > 0, bytes > bytesBefore {
            // On a new connection libcurl has meanwhile put other words over these.
            // docs/decisions.md, http11-required.
            let demandsHTTP1 =
                refusal.pointee.demands_http1 != 0 || errorText.contains("HTTP_1_1_REQUIRED")
            repetition = demandsHTTP1 ? .demandsHTTP1 : .afterLoss
            return false
        }
        count += 1
        bytesBefore = bytes
        guard isSecure else { return true }
        isOnNewConnection = shim_info_long(easy, CURLINFO_NUM_CONNECTS) > 0
        // What was said of the connections that libcurl has looked at does not count for this one.
        if isListening { shim_forget_words(refusal, count == 1 ? 1 : 0) }
        // libcurl says so on a connection that this request has opened, and remembers it on others.
        if isOnNewConnection, !isListening { listen(true) }
        return true
    }

    /// Finds out whether the service refused the request unread, once it has failed without an answer.
    /// The handle must be in no multi handle, and is of no further use after it.
    mutating func settle(_ result: CURLcode) {
        guard isSecure, count > 0, repetition != .demandsHTTP1 else { return }
        let isRefused =
            shim_has_refused(refusal) != 0
            // Without a word, the last of the requests that a GOAWAY ends together ends like this.
            || (result == CURLE_HTTP2 && shim_has_refused_others(refusal) != 0)
            || (repetition == .afterLoss && shim_remembers_refusal(easy) != 0)
        if isRefused { repetition = .refused }
    }

    /// Whether the service refused this stream alone: it may allow fewer than libcurl believes before it
    /// is told.
    var isStreamRefused: Bool { repetition == .refused && refusal.pointee.has_goodbye == 0 }

    /// Whether a byte of the request can have reached the service.
    var isWritten: Bool {
        switch repetition {
        case .afterLoss, .demandsHTTP1: return true
        case .refused: return false
        case nil: break
        }
        // The bytes that are counted can be those of a CONNECT.
        // docs/decisions.md, sent-from-prerequest.
        guard isVisible else { return refusal.pointee.is_written != 0 }
        let bytes = shim_info_long(easy, CURLINFO_REQUEST_SIZE)
        // A head that is the whole request may still be in a buffer of the connection.
        return count > 0 && (bytes > bytesBefore || (isSecure && !hasBody))
    }

    private mutating func listen(_ listens: Bool) {
        shim_forget_words(refusal, 0)
        _ = shim_set_long(easy, CURLOPT_VERBOSE, listens ? 1 : 0)
        isListening = listens
    }
}
