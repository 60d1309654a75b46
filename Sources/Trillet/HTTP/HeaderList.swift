import CTrillet

/// Header lines as libcurl takes them.
struct HeaderList: ~Copyable {
    private var head: UnsafeMutablePointer<curl_slist>?
    /// A line in front of the others: without a value, it keeps libcurl from writing its own.
    private var noExpect: UnsafeMutablePointer<curl_slist>?
    private(set) var isOutOfMemory = false

    init() {}

    deinit {
        curl_slist_free_all(noExpect ?? head)
    }

    func lines(for traits: RequestTraits) -> UnsafeMutablePointer<curl_slist>? {
        traits.mayBeHeldUp ? noExpect : head
    }

    /// To be called when the list has all its lines.
    mutating func finish() throws(Failure) {
        guard !isOutOfMemory, let first = curl_slist_append(nil, "Expect:") else {
            throw Failure.outOfMemory
        }
        first.pointee.next = head
        noExpect = first
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
        guard let line, let extended = curl_slist_append(head, line) else {
            isOutOfMemory = true
            return
        }
        head = extended
    }
}

/// A header that the host asks for.
struct Header: Sendable {
    let name: [UInt8]
    let value: [UInt8]
}
