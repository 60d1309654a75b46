import CTrillet

/// The header values of an answer that somebody asks for later.
struct AnswerHeaders: ~Copyable {
    private(set) var requestID = ByteBuffer()
    private(set) var disposition = ByteBuffer()
    private(set) var location = ByteBuffer()
    private var date = ByteBuffer()
    /// The value of each such line, and an LF behind it.
    private var retryAfter = ByteBuffer()
    /// No further line is kept beyond it.
    private static let longestRetryAfter = 4096
    /// Whether the line before was Retry-After, which a line that begins with a space goes on with.
    private var isInRetryAfter = false
    /// Whether the empty line came that ends the head.
    private(set) var isComplete = false
    /// How many times over the body is encoded.
    private(set) var encodings = 0
    /// What its content is encoded as, by the last such header line.
    private(set) var contentEncoding = ByteBuffer()
    /// Whether the service says that no further request may use the connection.
    private(set) var closesConnection = false
    private(set) var isChunked = false

    var isEncoded: Bool { encodings > 0 }

    mutating func removeAll() {
        isComplete = false
        encodings = 0
        contentEncoding.removeAll()
        closesConnection = false
        isChunked = false
        requestID.removeAll()
        disposition.removeAll()
        location.removeAll()
        date.removeAll()
        retryAfter.removeAll()
    }

    /// One line as libcurl hands it over, status lines included.
    @_optimize(speed)
    mutating func receive(_ line: Bytes) {
        // Trailers say nothing of the answer as a whole.
        if isComplete, !line.hasPrefixIgnoringCase("http/") { return }
        let continues = isInRetryAfter
        isInRetryAfter = false
        switch line.count > 0 ? line[0].lowercasedASCII : 0 {
        case UInt8(ascii: " ") where continues, UInt8(ascii: "\t") where continues:
            receive(retryAfter: line)
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            isComplete = true
        case UInt8(ascii: "h") where line.hasPrefixIgnoringCase("http/"):
            // An interim answer (103, a proxy's 200) came before the real one.
            removeAll()
        case UInt8(ascii: "x") where line.hasPrefixIgnoringCase("x-request-id:"):
            requestID.removeAll()
            requestID.append(line.slice(13, line.count).trimmed)
        case UInt8(ascii: "r") where line.hasPrefixIgnoringCase("retry-after:"):
            receive(retryAfter: line.slice(12, line.count))
        case UInt8(ascii: "d") where line.hasPrefixIgnoringCase("date:"):
            date.removeAll()
            date.append(line.slice(5, line.count).trimmed)
        case UInt8(ascii: "l") where line.hasPrefixIgnoringCase("location:"):
            location.removeAll()
            location.append(line.slice(9, line.count).trimmed)
        case UInt8(ascii: "c") where line.hasPrefixIgnoringCase("connection:"):
            closesConnection = line.slice(11, line.count).trimmed.hasPrefixIgnoringCase("close")
        case UInt8(ascii: "c") where line.hasPrefixIgnoringCase("content-disposition:"):
            disposition.removeAll()
            disposition.append(line.slice(20, line.count).trimmed)
        case UInt8(ascii: "c") where line.hasPrefixIgnoringCase("content-encoding:"):
            let value = line.slice(17, line.count)
            contentEncoding.removeAll()
            if noteEncodings(value) { contentEncoding.append(value.trimmed) }
        case UInt8(ascii: "t") where line.hasPrefixIgnoringCase("transfer-encoding:"):
            _ = noteEncodings(line.slice(18, line.count))
        default:
            break
        }
    }

    private mutating func receive(retryAfter value: Bytes) {
        isInRetryAfter = true
        guard retryAfter.count < AnswerHeaders.longestRetryAfter else { return }
        retryAfter.append(value.trimmed)
        retryAfter.append(UInt8(ascii: "\n"))
    }

    /// Whether there are any.
    private mutating func noteEncodings(_ list: Bytes) -> Bool {
        let before = encodings
        var rest = list
        while rest.count > 0 {
            let end = rest.firstOffset(of: UInt8(ascii: ",")) ?? rest.count
            let name = rest.slice(0, end).trimmed
            if name.equalsIgnoringCase(("chunked" as StaticString).bytes) {
                isChunked = true
            } else if name.count > 0,
                !name.equalsIgnoringCase(("identity" as StaticString).bytes)
            {
                encodings += 1
            }
            rest = rest.slice(min(end + 1, rest.count), rest.count)
        }
        return encodings > before
    }

    /// The time on the service's clock, by which it means all others; on ours when it gives none.
    var serviceMilliseconds: Int64 {
        let ours = WallClock.milliseconds
        guard let date = RetryAfter.milliseconds(ofDate: date.bytes) else { return ours }
        // Date has whole seconds, and servers keep it for one: a clock that agrees is the finer.
        return (date..<date + 2000).contains(ours) ? ours : date
    }

    /// How long Retry-After says to wait; nil when it says nothing that can be understood.
    var retryAfterMilliseconds: Int? {
        if retryAfter.count == 0 { return nil }
        return RetryAfter.milliseconds(retryAfter.bytes, at: serviceMilliseconds)
    }

    /// `contacts.csv` of `attachment; filename="contacts.csv"`; empty when there is none.
    var fileName: Bytes {
        let text = disposition.bytes
        let marker: StaticString = "filename="
        var offset = 0
        while offset + marker.utf8CodeUnitCount <= text.count {
            let rest = text.slice(offset, text.count)
            if rest.hasPrefixIgnoringCase(marker) {
                return AnswerHeaders.value(rest.slice(marker.utf8CodeUnitCount, rest.count))
            }
            offset += 1
        }
        return .empty
    }

    private static func value(_ text: Bytes) -> Bytes {
        if text.count > 0, text[0] == UInt8(ascii: "\"") {
            let inside = text.slice(1, text.count)
            return inside.slice(0, inside.firstOffset(of: UInt8(ascii: "\"")) ?? inside.count)
        }
        return text.slice(0, text.firstOffset(of: UInt8(ascii: ";")) ?? text.count).trimmed
    }
}
