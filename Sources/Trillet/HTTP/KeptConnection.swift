import CTrillet

/// What later transfers must know of a connection.
extension Transfer {
    /// The connection that libcurl keeps of a transfer that has ended so, negative for none. Only until the
    /// multi handle lets go of the transfer libcurl says which one it is. The local port would not do:
    /// one that was open already has none.
    func keptSocket(after result: CURLcode) -> Int32 {
        guard result == CURLE_OK else { return -1 }
        noteVersion()
        return shim_info_socket(easy)
    }

    /// Notes what later transfers must know, once this one has its answer.
    @_optimize(speed)
    func noteVersion() {
        guard isSecure else { return }
        service.noteAnswer(inVersion: shim_info_long(easy, CURLINFO_HTTP_VERSION))
    }
}
