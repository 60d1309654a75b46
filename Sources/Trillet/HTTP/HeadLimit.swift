import CTrillet

/// libcurl's limits on the head of an answer, 100 KB a line and 300 KB in all, and on its trailers.
enum HeadLimit {
    /// CURLE_TOO_LARGE of libcurl 8.6 and later.
    private static let tooLarge: UInt32 = 100

    /// Whether that is why a transfer ended. Before 8.6 libcurl says of a line that is too long that
    /// it ran out of memory. docs/decisions.md, memory-or-long-line.
    static func isExceeded(
        _ result: CURLcode,
        _ explanation: Bytes,
        on easy: UnsafeMutableRawPointer
    ) -> Bool {
        guard shim_info_size(easy, CURLINFO_STARTTRANSFER_TIME_T) > 0 else { return false }
        if result == CURLE_OUT_OF_MEMORY { return shim_is_short_of_memory() == 0 }
        if explanation.hasPrefixIgnoringCase("out of memory in chunked") {
            // Of a trailer, before 8.7.
            return shim_is_short_of_memory() == 0
        }
        return UInt32(result.rawValue) == tooLarge
            || explanation.hasPrefixIgnoringCase("too large response headers")
            || explanation.hasPrefixIgnoringCase("too many response headers")
    }
}
