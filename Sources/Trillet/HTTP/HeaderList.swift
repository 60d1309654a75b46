import CTrillet

/// Header lines as libcurl takes them.
struct HeaderList: ~Copyable {
    /// Begins with a line in front of the others: without a value, it keeps libcurl from writing its
    /// own.
    private var noExpect: UnsafeMutablePointer<curl_slist>?
    private(set) var isOutOfMemory = false

    init() {}

    deinit {
        curl_slist_free_all(noExpect)
    }

    func lines(for traits: RequestTraits) -> UnsafeMutablePointer<curl_slist>? {
        traits.mayBeHeldUp ? noExpect : noExpect?.pointee.next
    }

    /// To be called when the list has all its lines.
    func finish() throws(Failure) {
        if isOutOfMemory { throw Failure.outOfMemory }
    }

    mutating func append(name: Bytes, value: Bytes) {
        var line = ByteBuffer(capacity: name.count + value.count + 3)
        line.append(name)
        if value.count == 0 {
            // libcurl's way to send a header without a value; with a colon it would drop it.
            line.append(UInt8(ascii: ";"))
        } else {
            line.append(": ")
            line.append(value)
        }
        append(line: line.terminated())
    }

    mutating func append(_ line: StaticString) {
        append(line: line.cText)
    }

    private mutating func append(line: UnsafePointer<CChar>?) {
        if noExpect == nil { noExpect = curl_slist_append(nil, "Expect:") }
        guard let line, noExpect != nil, curl_slist_append(noExpect, line) != nil else {
            isOutOfMemory = true
            return
        }
    }
}

/// A header that the host asks for.
struct Header: Sendable {
    let name: [UInt8]
    let value: [UInt8]
}
