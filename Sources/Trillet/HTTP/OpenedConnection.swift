import CTrillet

/// What opening a connection ahead of a request has cost.
struct OpenedConnection {
    let lookupMicroseconds: Int64
    let connectMicroseconds: Int64
    let tlsMicroseconds: Int64
    let protocolName: StaticString
    /// Whether it was open already.
    let isReused: Bool
    /// Whether further requests at the same time need no connection of their own.
    let isShared: Bool
    /// Tells it from the others of a multi handle that are open.
    let socket: Int32

    /// One like it that was open already.
    var another: OpenedConnection {
        OpenedConnection(
            lookupMicroseconds: 0,
            connectMicroseconds: 0,
            tlsMicroseconds: 0,
            protocolName: protocolName,
            isReused: true,
            isShared: isShared,
            socket: -1
        )
    }
}

/// libcurl keeps no connection that it opened without a request: CURLOPT_CONNECT_ONLY ones are never
/// used again, and a request that is refused before it is written takes its connection with it. So
/// this sends a HEAD without the key to the base URL, which reaches nothing that acts.
/// docs/decisions.md, warming-by-head.
extension Transfer {
    /// Makes the handle ready to open a connection.
    func beginOpening(_ base: Bytes, timeoutMilliseconds: Int) throws(Failure) {
        guard keepsConnection else {
            throw Failure(
                .connection,
                """
                libcurl before 7.80 repeats requests unseen on kept connections, so each request \
                opens its own; use a later libcurl
                """
            )
        }
        let request = HTTPRequest(
            method: .get,
            url: RequestURL(base: base, path: ("/" as StaticString).bytes, rest: ByteBuffer()),
            body: .none,
            isRepeatable: true,
            timeoutMilliseconds: timeoutMilliseconds,
            notAfter: .never,
            headers: nil
        )
        try begin(request, timeoutMilliseconds: timeoutMilliseconds)
        _ = shim_set_long(easy, CURLOPT_NOBODY, 1)
        openedSocket = -1
    }

    /// Has it opened another connection than those that are there.
    func refuseOpenConnection() {
        _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    /// Notes the connection that libcurl keeps of an opening, negative for none.
    func note(opened socket: Int32) {
        if openedSocket != nil { openedSocket = socket }
    }

    /// What came of it; nil when the connection will not be used again.
    func finishOpening(_ result: CURLcode) throws(Failure) -> OpenedConnection? {
        defer {
            openedSocket = nil
            _ = shim_set_long(easy, CURLOPT_NOBODY, 0)
            _ = shim_set_long(easy, CURLOPT_FRESH_CONNECT, opensAfresh ? 1 : 0)
        }
        _ = try finish(result)
        let version = shim_info_long(easy, CURLINFO_HTTP_VERSION)
        let socket = openedSocket ?? -1
        if socket < 0 || version == CURL_HTTP_VERSION_1_0 || headers.closesConnection { return nil }
        let lookup = shim_info_size(easy, CURLINFO_NAMELOOKUP_TIME_T)
        let connect = shim_info_size(easy, CURLINFO_CONNECT_TIME_T)
        let tls = shim_info_size(easy, CURLINFO_APPCONNECT_TIME_T)
        let isReused = shim_info_long(easy, CURLINFO_NUM_CONNECTS) == 0
        return OpenedConnection(
            lookupMicroseconds: isReused ? 0 : lookup,
            connectMicroseconds: isReused ? 0 : max(0, connect - lookup),
            tlsMicroseconds: isReused || tls == 0 ? 0 : max(0, tls - connect),
            protocolName: Transfer.name(ofVersion: version),
            isReused: isReused,
            isShared: version >= CURL_HTTP_VERSION_2_0,
            socket: socket
        )
    }

    private static func name(ofVersion version: Int) -> StaticString {
        switch version {
        case CURL_HTTP_VERSION_2_0: "HTTP/2"
        case CURL_HTTP_VERSION_3: "HTTP/3"
        default: "HTTP/1.1"
        }
    }
}
