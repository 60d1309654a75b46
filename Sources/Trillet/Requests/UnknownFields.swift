import CTrillet

/// The search of a strict client for fields that the description does not have.
/// docs/decisions.md, strict-fields.
struct UnknownFields: ~Copyable {
    private let operation: Operation
    private let style: RouteStyle
    /// Where the search is: names with a dot before each.
    private var path = ByteBuffer()
    private var failure: Failure?

    /// Of a request that is well-formed.
    @inline(never)
    static func refuse(
        in text: Bytes,
        of operation: Operation,
        _ style: RouteStyle
    ) throws(Failure) {
        var search = UnknownFields(operation: operation, style: style)
        let request = JSONValue(kind: .object, text: text, hasEscapes: false)
        search.look(in: request, operation.fields)
        if let failure = search.failure { throw failure }
    }

    private mutating func look(in value: JSONValue, _ known: Constants<Field>) {
        value.forEachElement { look(in: $0, known) }
        value.forEachMember { look(at: $0, known) }
    }

    @inline(never)
    private mutating func look(at member: JSONMember, _ known: Constants<Field>) {
        if failure != nil { return }
        let start = path.count
        path.append(".")
        member.name.decode(into: &path)
        let index = shim_field_index(
            path.start,
            path.count,
            start,
            known.range,
            style == .published
        )
        if index >= 0 {
            let members = Field(at: Int(index)).members
            if !members.isEmpty { look(in: member.value, members) }
            path.truncate(to: start)
            return
        }
        failure = unknown(start, known)
    }

    private func unknown(_ start: Int, _ known: Constants<Field>) -> Failure {
        var message = ByteBuffer()
        guard !path.isOutOfMemory, let text = message.extend(by: UnknownFields.longestMessage)
        else { return .outOfMemory }
        let end = shim_unknown_field(
            text,
            UnknownFields.longestMessage,
            path.start,
            path.count,
            start,
            Int64(operation.index),
            known.range
        )
        message.truncate(to: end)
        return .invalidArgument(
            Message(message.bytes),
            field: Message(path.bytes.slice(1, path.count))
        )
    }

    private static var longestMessage: Int { 1024 }
}
