/// The id of the phone call that an answer is about, whatever the route calls it.
enum CallID {
    /// Checks an answer as `JSONScanner.check` does, and notes the id on the way: a JSON string or
    /// number as it stands. docs/decisions.md, call-id-in-passing.
    @_optimize(speed)
    static func check(_ body: Bytes, noting id: inout Bytes) throws(JSONError) -> JSONValue {
        let text = body.trimmed
        guard text.count > 0, text[0] == UInt8(ascii: "{") else {
            return try JSONScanner.check(body, allowsLoneSurrogates: true)
        }
        var reader = try JSONObjectReader(text: body, allowsLoneSurrogates: true)
        var found = Found.nothing
        while let member = try reader.next() { note(member, &id, &found) }
        return JSONValue(kind: .object, text: text, hasEscapes: false)
    }

    /// Of JSON that has been checked; empty when it has none.
    static func of(_ json: Bytes) -> Bytes {
        var id = Bytes.empty
        _ = try? check(json, noting: &id)
        return id
    }

    private enum Found {
        case nothing
        /// In the `result` of a batch's call.
        case inside
        case itself
    }

    @inline(__always)
    private static func note(_ member: JSONMember, _ id: inout Bytes, _ found: inout Found) {
        let name = member.name.raw
        // "callId" and "result", and "call_id".
        guard found != .itself, name.count == 6 || name.count == 7 else { return }
        if name.equals("callId") || name.equals("call_id") {
            note(member.value, &id, &found, .itself)
        } else if name.equals("result"), member.value.kind == .object {
            noteInside(member.value, &id, &found)
        }
    }

    @inline(never)
    private static func noteInside(_ value: JSONValue, _ id: inout Bytes, _ found: inout Found) {
        if let inside = value.member("callId") { note(inside, &id, &found, .inside) }
        if let inside = value.member("call_id"), found == .nothing {
            note(inside, &id, &found, .inside)
        }
    }

    private static func note(
        _ value: JSONValue,
        _ id: inout Bytes,
        _ found: inout Found,
        _ place: Found
    ) {
        guard value.kind == .number || (value.kind == .string && value.text.count > 2) else {
            return
        }
        id = value.text
        found = place
    }
}

extension RequestTarget {
    /// Whether the answer can be about one phone call. Other answers are not searched for its id.
    var isAboutCall: Bool {
        switch self {
        case .known(let index):
            let id = OperationTable.all[index].id
            return id.slice(0, 6).equals("calls.") || id.slice(0, 10).equals("web_calls.")
                || id.equals("batch_calls.get_call")
        case .raw: return true
        }
    }
}
