import CTrillet

/// The certificates that a client trusts when its host names no file of them. The system's libcurl has a
/// file of its own; the one inside the bundled library looks where systems keep theirs.
enum Authorities {
    /// nil leaves it to libcurl.
    static func file(isNeeded: Bool) throws(Failure) -> [UInt8]? {
        guard let places = shim_ca_places() else { return nil }
        if let found = shim_ca_file() { return Array(Bytes(text: found)) }
        guard isNeeded else { return nil }
        let listed = Message(whole: Array(Bytes(text: places)))
        throw Failure.configuration(
            """
            There are no certificates to trust a service by: of \(listed) none can be read; install \
            ca-certificates, or name a file with caFile, CURL_CA_BUNDLE or SSL_CERT_FILE
            """,
            field: "caFile"
        )
    }
}
