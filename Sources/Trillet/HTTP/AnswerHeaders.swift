/// The header values of an answer that somebody asks for later.
struct AnswerHeaders: ~Copyable {
    private(set) var requestID = ByteBuffer()
    private(set) var disposition = ByteBuffer()
    /// Whether the empty line came that ends the head.
    private(set) var isComplete = false

    mutating func removeAll() {
        isComplete = false
        requestID.removeAll()
        disposition.removeAll()
    }

    /// One line as libcurl hands it over, status lines included.
    mutating func receive(_ line: Bytes) {
        switch line.count > 0 ? line[0].lowercasedASCII : 0 {
        case UInt8(ascii: "\r"), UInt8(ascii: "\n"):
            isComplete = true
        case UInt8(ascii: "h") where line.hasPrefixIgnoringCase("http/"):
            // An interim answer (103, a proxy's 200) came before the real one.
            removeAll()
        case UInt8(ascii: "x") where line.hasPrefixIgnoringCase("x-request-id:"):
            requestID.removeAll()
            requestID.append(line.slice(13, line.count).trimmed)
        case UInt8(ascii: "c") where line.hasPrefixIgnoringCase("content-disposition:"):
            disposition.removeAll()
            disposition.append(line.slice(20, line.count).trimmed)
        default:
            break
        }
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
