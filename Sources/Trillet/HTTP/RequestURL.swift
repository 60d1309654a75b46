/// A request's URL, in the pieces that it is made of: most requests go where the last one went, and
/// need no text of their own to find that out.
struct RequestURL: ~Copyable {
    /// The client's.
    private let base: Bytes
    /// The operation's, where it stands as it is; otherwise it is in `rest`.
    private let path: Bytes
    private let rest: ByteBuffer

    init(base: Bytes, path: Bytes, rest: consuming ByteBuffer) {
        self.base = base
        self.path = path
        self.rest = rest
    }

    func equals(_ text: Bytes) -> Bool {
        let pathEnd = base.count + path.count
        return text.count == pathEnd + rest.count && text.slice(0, base.count).equals(base)
            && text.slice(base.count, pathEnd).equals(path)
            && text.slice(pathEnd, text.count).equals(rest.bytes)
    }

    func append(to text: inout ByteBuffer) {
        text.append(base)
        text.append(path)
        text.append(rest.bytes)
    }
}
