import HTTPTypes
import Hummingbird

/// The part of some bytes that a request's `Range` asks for.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int>)
    /// Beyond the end.
    case impossible

    /// A header that asks for several parts, or that nobody understands, asks for the whole.
    init(_ header: String?, length: Int) {
        self = .whole
        guard let header, header.hasPrefix("bytes=") else { return }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return }
        if let first = Int(parts[0]) {
            guard parts[1].isEmpty || (Int(parts[1]) ?? .max) >= first else { return }
            guard first < length else {
                self = .impossible
                return
            }
            let last = min(Int(parts[1]) ?? .max, length - 1)
            self = .part(first..<last + 1)
        } else if let count = Int(parts[1]) {
            self = count == 0 || length == 0 ? .impossible : .part(max(length - count, 0)..<length)
        }
    }
}

extension Answer {
    /// Bytes that can be asked for in parts, and whose tag tells whether they are still the same.
    ///
    /// - Parameter tag: with its quotes.
    init(bytes: [UInt8], contentType: String, tag: String, for request: Request) {
        var headers: HTTPFields = [
            .contentType: contentType, .acceptRanges: "bytes", .eTag: tag,
        ]
        if let known = request.headers[.ifNoneMatch], known == "*" || known.contains(tag) {
            headers[.contentType] = nil
            self.init(status: .notModified, headers: headers, body: [])
            return
        }
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        let range = isSame ? request.headers[.range] : nil
        switch ByteRange(range, length: bytes.count) {
        case .whole:
            self.init(status: .ok, headers: headers, body: bytes)
        case .part(let part):
            headers[.contentRange] =
                "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(bytes.count)"
            self.init(status: .partialContent, headers: headers, body: Array(bytes[part]))
        case .impossible:
            let failure = Failure(
                status: .rangeNotSatisfiable,
                title: "Range not satisfiable",
                detail: "The recording has \(bytes.count) bytes"
            )
            self.init(
                failure.body(default: .flat),
                status: failure.status,
                headers: [.contentRange: "bytes */\(bytes.count)"]
            )
        }
    }
}
