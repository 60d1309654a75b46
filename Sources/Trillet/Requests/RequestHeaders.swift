import CTrillet

/// The headers of a request: the library's, then the client's, then the request's own, where a
/// later one of the same name takes the place of an earlier one.
struct RequestHeaders {
    let client: ClientOptions
    var request: [Header] = []
    var idempotencyKey: [UInt8] = []
    var traceparent: [UInt8] = []

    init(client: ClientOptions) {
        self.client = client
    }

    init(_ options: RequestOptions, of client: ClientOptions) {
        self.client = client
        request = options.headers
        idempotencyKey = options.idempotencyKey
        traceparent = options.traceparent
    }

    func makeList(for traits: RequestTraits) throws(Failure) -> HeaderList {
        var list = HeaderList()
        append("x-api-key", client.apiKey ?? [], to: &list)
        if let id = client.workspaceID, !id.isEmpty { append("x-workspace-id", id, to: &list) }
        if traits.hasJSON { list.append("Content-Type: application/json") }
        if !isOverridden("accept", by: client.headers), !isOverridden("accept", by: request) {
            list.append(
                traits.answersBytes
                    ? "Accept: */*"
                    : traits.answersJSON
                        // A path without a name answers whatever it likes.
                        ? "Accept: application/json"
                        : "Accept: application/json, text/csv, */*;q=0.5"
            )
        }
        append("User-Agent", userAgent, to: &list)
        if !idempotencyKey.isEmpty { append("Idempotency-Key", idempotencyKey, to: &list) }
        if !traceparent.isEmpty { append("traceparent", traceparent, to: &list) }
        for header in client.headers where !isOverridden(header.name, by: request) {
            append(header, to: &list)
        }
        for header in request { append(header, to: &list) }
        try list.finish()
        return list
    }

    /// A line of the list and not libcurl's option, which formats it twice for every request.
    private var userAgent: [UInt8] {
        let library: Message = "libtrillet/\(LibraryVersion.text)"
        if client.userAgent.isEmpty { return library.bytes }
        return library.bytes + [UInt8(ascii: " ")] + client.userAgent
    }

    private func append(_ name: StaticString, _ value: [UInt8], to list: inout HeaderList) {
        value.withUnsafeBufferPointer { list.append(name: name.bytes, value: $0) }
    }

    private func append(_ header: Header, to list: inout HeaderList) {
        header.name.withUnsafeBufferPointer { name in
            header.value.withUnsafeBufferPointer { list.append(name: name, value: $0) }
        }
    }

    private func isOverridden(_ name: StaticString, by headers: [Header]) -> Bool {
        isOverridden(Array(name.bytes), by: headers)
    }

    private func isOverridden(_ name: [UInt8], by headers: [Header]) -> Bool {
        headers.contains { header in
            header.name.withUnsafeBufferPointer { other in
                name.withUnsafeBufferPointer { $0.equalsIgnoringCase(other) }
            }
        }
    }
}
