/// A form that cannot be read, with the reason for the person who sent it.
struct MultipartError: Error {
    let reason: String
}

/// Reads `multipart/form-data` piece by piece as it arrives, within fixed limits.
struct MultipartParser {
    struct Part {
        var name = ""
        var fileName: String?
        var contentType: String?
        /// Empty when the parser does not keep the file.
        var bytes: [UInt8] = []
        var length = 0
    }

    struct Limits {
        var parts = 64
        var headerBytes = 16_384
        var fieldBytes = 1_048_576
        var fileBytes = 20 * 1_048_576
        /// Whether the bytes of a file are kept; they are counted in any case.
        var keepsFile = true
    }

    private enum State {
        case preamble, headers, body, epilogue
    }

    private static let lineEnd = Array("\r\n".utf8)
    private static let headerEnd = Array("\r\n\r\n".utf8)

    private let delimiter: [UInt8]
    private let limits: Limits
    private let fileField: String
    private var state = State.preamble
    /// Starts with a line end, so that a delimiter at the very beginning looks like any other.
    private var pending = MultipartParser.lineEnd
    private var current = Part()
    private(set) var parts: [Part] = []

    /// - Parameter fileField: the field that may be as large as a file.
    init(boundary: String, fileField: String, limits: Limits = Limits()) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
        self.fileField = fileField
    }

    mutating func feed(_ bytes: some Sequence<UInt8>) throws(MultipartError) {
        guard state != .epilogue else { return }
        pending.append(contentsOf: bytes)
        var position = 0
        while try step(&position) {}
        pending.removeFirst(position)
    }

    func finish() throws(MultipartError) -> [Part] {
        guard state == .epilogue else {
            throw MultipartError(reason: "The form ends before its closing boundary")
        }
        return parts
    }

    /// Moves `position` over what it understood. Returns false when it needs more bytes.
    private mutating func step(_ position: inout Int) throws(MultipartError) -> Bool {
        switch state {
        case .preamble: try skipToDelimiter(&position)
        case .headers: try readHeaders(&position)
        case .body: try readBody(&position)
        case .epilogue: discardRest(&position)
        }
    }

    private mutating func discardRest(_ position: inout Int) -> Bool {
        position = pending.count
        return false
    }

    private mutating func skipToDelimiter(_ position: inout Int) throws(MultipartError) -> Bool {
        guard let found = index(of: delimiter, from: position) else {
            position = max(position, pending.count - delimiter.count + 1)
            return false
        }
        position = found
        return try passDelimiter(&position)
    }

    /// Enters the next part, or the end of the form, if the two bytes that tell are there.
    private mutating func passDelimiter(_ position: inout Int) throws(MultipartError) -> Bool {
        var next = position + delimiter.count
        while next < pending.count, pending[next] == 0x20 || pending[next] == 0x09 { next += 1 }
        guard next + 1 < pending.count else { return false }
        if pending[next] == UInt8(ascii: "-"), pending[next + 1] == UInt8(ascii: "-") {
            state = .epilogue
        } else if pending[next] == 0x0D, pending[next + 1] == 0x0A {
            guard parts.count < limits.parts else {
                throw MultipartError(reason: "The form has more than \(limits.parts) parts")
            }
            state = .headers
        } else {
            throw MultipartError(reason: "A boundary is followed by other text")
        }
        // The line end stays: for a part without headers it begins the empty line after them.
        position = state == .headers ? next : next + 2
        return true
    }

    private mutating func readHeaders(_ position: inout Int) throws(MultipartError) -> Bool {
        guard let end = index(of: MultipartParser.headerEnd, from: position) else {
            guard pending.count - position <= limits.headerBytes else {
                throw MultipartError(reason: "The headers of a part are too long")
            }
            return false
        }
        current = Part()
        let lines = String(decoding: pending[position..<end], as: UTF8.self)
            .split(whereSeparator: \.isNewline)
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].lowercased()
            let header = MediaTypeHeader(String(line[line.index(after: colon)...]))
            if name == "content-type" { current.contentType = header?.type }
            guard name == "content-disposition" else { continue }
            current.name = header?.parameters["name"] ?? ""
            current.fileName = header?.parameters["filename"]
        }
        guard !current.name.isEmpty else {
            throw MultipartError(reason: "A part of the form has no name")
        }
        position = end + MultipartParser.headerEnd.count
        state = .body
        return true
    }

    private mutating func readBody(_ position: inout Int) throws(MultipartError) -> Bool {
        if let found = index(of: delimiter, from: position) {
            try take(upTo: found, &position)
            guard try passDelimiter(&position) else { return false }
            parts.append(current)
            return true
        }
        try take(upTo: max(position, pending.count - delimiter.count + 1), &position)
        return false
    }

    private mutating func take(upTo end: Int, _ position: inout Int) throws(MultipartError) {
        let isFile = current.name == fileField
        let limit = isFile ? limits.fileBytes : limits.fieldBytes
        guard current.length + (end - position) <= limit else {
            throw MultipartError(
                reason: "The part \"\(current.name)\" is larger than \(limit / 1_048_576) MiB"
            )
        }
        if limits.keepsFile || !isFile {
            current.bytes.append(contentsOf: pending[position..<end])
        }
        current.length += end - position
        position = end
    }

    private func index(of pattern: [UInt8], from start: Int) -> Int? {
        guard pending.count >= pattern.count else { return nil }
        return pending.withUnsafeBufferPointer { bytes in
            let last = bytes.count - pattern.count
            var index = start
            while index <= last {
                if bytes[index] == pattern[0] {
                    var length = 1
                    while length < pattern.count, bytes[index + length] == pattern[length] {
                        length += 1
                    }
                    if length == pattern.count { return index }
                }
                index += 1
            }
            return nil
        }
    }
}
