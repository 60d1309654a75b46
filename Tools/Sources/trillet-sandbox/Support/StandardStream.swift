import Glibc

/// Standard output and standard error, by lines.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    /// Writes the line at once, so that lines of different threads do not mix. What cannot be
    /// written is lost: there is nowhere to say so.
    func write(line: String) {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count > 0 {
                bytes.removeFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }
}
