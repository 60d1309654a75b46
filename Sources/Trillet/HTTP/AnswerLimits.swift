/// Ends answers that a client cannot take: a server may send header lines and trailers without end,
/// and a few bytes that are encoded several times over keep a processor busy for minutes.
/// docs/decisions.md, answer-limits.
struct AnswerLimits {
    enum Exceeded {
        case size
        case header
        /// libcurl's own limits on a line or a head.
        case line
        case encodings
    }

    private(set) var exceeded: Exceeded?
    private var headerBytes = 0
    private var trailerBytes = 0

    /// Of all heads of an answer, interim ones too; below the 300 KB of recent versions of libcurl, which
    /// says too little.
    static let mostHeaderBytes = 256 * 1024

    @_optimize(speed)
    mutating func allow(body count: Int, after received: Int, most: Int) -> Bool {
        if count <= most - received - trailerBytes { return true }
        exceeded = .size
        return false
    }

    @_optimize(speed)
    mutating func allow(
        header count: Int,
        isTrailer: Bool,
        after received: Int,
        most: Int,
        encodings: Int
    ) -> Bool {
        if isTrailer {
            trailerBytes += count
            if trailerBytes > most - received { exceeded = .size }
        } else {
            headerBytes += count
            if headerBytes > AnswerLimits.mostHeaderBytes { exceeded = .header }
        }
        if encodings > 1 { exceeded = .encodings }
        return exceeded == nil
    }
}
