import CTrillet

/// What all requests of a libcurl handle have in common.
extension TransferSettings {
    func apply(to easy: UnsafeMutableRawPointer) {
        _ = shim_set_long(easy, CURLOPT_NOSIGNAL, 1)
        _ = shim_set_long(easy, CURLOPT_NOPROGRESS, 1)
        _ = shim_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
        _ = shim_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        // A dot segment in a path is the caller's text, not an instruction.
        _ = shim_set_long(easy, CURLOPT_PATH_AS_IS, 1)
        shim_set_quick_exit(easy)
        _ = shim_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectTimeoutMilliseconds)
        _ = shim_allow_http_only(easy)
        if asksForEncodings {
            // Every encoding that this libcurl can undo.
            set(CURLOPT_ACCEPT_ENCODING, to: "", on: easy)
        }
        if isSecure { applyTrust(to: easy) }
        applyProxy(to: easy)
    }

    private func applyTrust(to easy: UnsafeMutableRawPointer) {
        // Several requests share a connection where the service speaks HTTP/2; over plain HTTP
        // waiting for one would only cost time.
        _ = shim_set_long(easy, CURLOPT_PIPEWAIT, 1)
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYPEER, 1)
        _ = shim_set_long(easy, CURLOPT_SSL_VERIFYHOST, 2)
        _ = shim_set_long(easy, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile { set(CURLOPT_CAINFO, to: caFile, on: easy) }
    }

    private func applyProxy(to easy: UnsafeMutableRawPointer) {
        // A proxy may be reached over TLS itself, whatever the service is reached over.
        _ = shim_set_long(easy, CURLOPT_PROXY_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile { set(CURLOPT_PROXY_CAINFO, to: caFile, on: easy) }
        if let proxy {
            set(CURLOPT_PROXY, to: proxy, on: easy)
        } else if isLoopback {
            // A proxy from the environment would take a request for this machine, and its key,
            // somewhere else.
            set(CURLOPT_PROXY, to: "", on: easy)
        } else {
            return
        }
        // no_proxy would send the key around a proxy that the option names; and without it nothing
        // is looked up in the environment for every request. docs/decisions.md, proxy-option-wins.
        set(CURLOPT_NOPROXY, to: "", on: easy)
    }

    private func set(
        _ option: CURLoption,
        to text: StaticString,
        on easy: UnsafeMutableRawPointer
    ) {
        _ = shim_set_pointer(easy, option, text.cText)
    }

    private func set(_ option: CURLoption, to text: [UInt8], on easy: UnsafeMutableRawPointer) {
        var buffer = ByteBuffer(capacity: text.count + 1)
        buffer.append(text)
        _ = shim_set_pointer(easy, option, buffer.terminated())
    }
}
