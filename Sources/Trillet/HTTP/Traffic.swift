import CTrillet

/// What a request cost the network.
struct Traffic {
    var bytesSent: Int64 = 0
    var bytesReceived: Int64 = 0
    var connectionsOpened = 0
    var connectionsReused = 0

    mutating func add(_ other: Traffic) {
        bytesSent += other.bytesSent
        bytesReceived += other.bytesReceived
        connectionsOpened += other.connectionsOpened
        connectionsReused += other.connectionsReused
    }
}

extension Traffic {
    /// Of the request that the handle was used for last.
    init(of easy: UnsafeMutableRawPointer, isWritten: Bool) {
        let opened = shim_info_long(easy, CURLINFO_NUM_CONNECTS)
        self.init(
            bytesSent: Int64(shim_info_long(easy, CURLINFO_REQUEST_SIZE))
                + shim_info_size(easy, CURLINFO_SIZE_UPLOAD_T),
            bytesReceived: Int64(shim_info_long(easy, CURLINFO_HEADER_SIZE))
                + shim_info_size(easy, CURLINFO_SIZE_DOWNLOAD_T),
            connectionsOpened: opened,
            connectionsReused: opened == 0 && isWritten ? 1 : 0
        )
    }
}
