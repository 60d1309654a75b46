import CTrillet

/// The whole answer of a service that has not read all of the request: it may answer from the head alone.
/// docs/decisions.md, early-answer.
struct EarlyAnswer {
    /// Whether the body of the request may be too long for the buffers of a connection.
    var mayCome = false
    private var endsStandstill = false

    /// Fits into those buffers; a server that speaks HTTP/2 takes 64 KB unasked.
    static let longestShortBody = 16 * 1024

    /// Readies it for the next request.
    mutating func reset(_ easy: UnsafeMutableRawPointer) {
        mayCome = false
        if endsStandstill { set(isOn: false, easy) }
    }

    /// Behind a success libcurl goes on to send, and waits for a service that reads no more until the time
    /// is over. It looks at the speed as soon as it is told to.
    mutating func endStandstill(_ easy: UnsafeMutableRawPointer) {
        if !endsStandstill { set(isOn: true, easy) }
    }

    private mutating func set(isOn: Bool, _ easy: UnsafeMutableRawPointer) {
        _ = shim_set_long(easy, CURLOPT_LOW_SPEED_LIMIT, isOn ? 1 : 0)
        _ = shim_set_long(easy, CURLOPT_LOW_SPEED_TIME, isOn ? 1 : 0)
        endsStandstill = isOn
    }

    /// Whether a transfer that ended so may have ended behind a whole answer.
    static func counts(despite result: CURLcode) -> Bool {
        switch result {
        case CURLE_HTTP2_STREAM, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_OPERATION_TIMEDOUT: true
        default: false
        }
    }

    /// Whether all that the head has announced is there.
    static func isWhole(
        _ headers: borrowing AnswerHeaders,
        _ received: Int,
        _ easy: UnsafeMutableRawPointer
    ) -> Bool {
        headers.isComplete && !headers.isEncoded
            && shim_info_size(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) == Int64(received)
            && shim_info_long(easy, CURLINFO_RESPONSE_CODE) >= 200
    }
}
