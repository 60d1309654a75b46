import CTrillet

/// The id of the phone call that an answer is about, whatever the route calls it.
enum CallID {
    /// Of JSON that has been checked: a string or a number as it stands, empty when there is none.
    /// docs/decisions.md, call-id-by-search.
    @_optimize(speed)
    static func of(_ json: Bytes) -> Bytes {
        var start = 0
        while let offset = next(in: json, from: start) {
            start = offset + nameStart.utf8CodeUnitCount
            let end = json.slice(start, start + 4)
            let length = end.slice(0, 3).equals("Id\"") ? 3 : end.equals("_id\"") ? 4 : 0
            // A backslash makes the quotation mark a part of a text.
            if length == 0 || offset == 0 || json[offset - 1] == UInt8(ascii: "\\") { continue }
            var scanner = JSONScanner(
                json.slice(start + length, json.count),
                allowsLoneSurrogates: true
            )
            guard scanner.take(UInt8(ascii: ":")) else { continue }
            if isOutermost(json, offset), let value = try? scanner.readValue(depth: 1),
                isID(value)
            {
                return value.text
            }
            return byMembers(json)
        }
        return .empty
    }

    private static let nameStart: StaticString = "\"call"

    private static func next(in json: Bytes, from start: Int) -> Int? {
        let rest = json.slice(start, json.count)
        guard let base = rest.baseAddress, rest.count > 0 else { return nil }
        let offset = shim_find(
            base,
            rest.count,
            nameStart.utf8Start,
            nameStart.utf8CodeUnitCount
        )
        return offset < rest.count ? start + offset : nil
    }

    /// Whether nothing but one object has been opened before the offset. A bracket in a text counts
    /// as one, and only costs time.
    private static func isOutermost(_ json: Bytes, _ offset: Int) -> Bool {
        guard let first = json.firstOffset(of: UInt8(ascii: "{")) else { return false }
        return json.slice(0, offset).firstOffset(of: UInt8(ascii: "[")) == nil
            && json.slice(first + 1, offset).firstOffset(of: UInt8(ascii: "{")) == nil
    }

    /// The answer's own id, or that in the `result` of a batch's call.
    @inline(never)
    private static func byMembers(_ json: Bytes) -> Bytes {
        let whole = JSONValue(kind: .object, text: json, hasEscapes: false)
        return own(whole) ?? whole.member("result").flatMap { own($0) } ?? .empty
    }

    private static func own(_ object: JSONValue) -> Bytes? {
        if let id = object.member("callId"), isID(id) { return id.text }
        if let id = object.member("call_id"), isID(id) { return id.text }
        return nil
    }

    private static func isID(_ value: JSONValue) -> Bool {
        value.kind == .number || (value.kind == .string && value.text.count > 2)
    }
}
