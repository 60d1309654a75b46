import CTrillet

/// What libcurl calls while a transfer is under way.
extension Transfer {
    func setCallbacks() {
        if download == nil {
            _ = shim_set_write_function(easy, onBody)
            _ = shim_set_header_function(easy, onHeader)
        } else {
            _ = shim_set_write_function(easy, onFile)
            _ = shim_set_header_function(easy, onFileHeader)
        }
    }

    /// What a download knows of the answer once its head is there.
    private var answered: DownloadAnswer {
        let length = shim_info_size(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return DownloadAnswer(
            url: lastURL.bytes,
            status: shim_info_long(easy, CURLINFO_RESPONSE_CODE),
            contentType: contentType,
            length: length < 0 ? nil : Int(length),
            showsItsEnd: showsItsEnd,
            isEncoded: headers.isEncoded,
            text: body.bytes
        )
    }

    /// Whether the end of the answer differs from a cut. Over HTTP/1 the end of the connection is both,
    /// for an answer with neither a length nor chunks. docs/decisions.md, ends-of-answers.
    var showsItsEnd: Bool {
        headers.isChunked
            || shim_info_size(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) >= 0
            || shim_info_long(easy, CURLINFO_HTTP_VERSION) > Int(CURL_HTTP_VERSION_1_1)
    }

    /// Throws when the answer is not the file that was asked for, or not all of it.
    func conclude(_ download: Download) throws(Failure) {
        try download.conclude(answered)
    }

    fileprivate func receive(file bytes: Bytes) -> Int {
        noteProgress()
        guard let isTaken = download?.receive(bytes, answered) else { return receive(bytes) }
        return isTaken ? bytes.count : 0
    }

    fileprivate func receive(fileHeader line: Bytes) -> Int {
        if !headers.isComplete { download?.receive(header: line) }
        return receive(header: line)
    }
}

func onRequestStart(_ context: UnsafeMutableRawPointer?) -> Int32 {
    withTransfer(context) { $0.startRequest() } ?? 0
}

private func onBody(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) { $0.receive(Bytes(data, count)) } ?? 0
}

private func onFile(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) { $0.receive(file: Bytes(data, count)) } ?? 0
}

private func onHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) { $0.receive(header: Bytes(data, count)) } ?? 0
}

private func onFileHeader(
    _ data: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    withTransfer(context) { $0.receive(fileHeader: Bytes(data, count)) } ?? 0
}

/// libcurl hands back the transfer that the handle was given; it lives as long as the handle.
private func withTransfer<Result>(
    _ context: UnsafeMutableRawPointer?,
    _ body: (Transfer) -> Result
) -> Result? {
    guard let context else { return nil }
    return Unmanaged<Transfer>.fromOpaque(context)._withUnsafeGuaranteedRef(body)
}
