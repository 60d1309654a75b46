struct JSONMember {
    let name: JSONText
    let value: JSONValue
    /// Name and value as they stand in the text, with what is between them.
    let text: Bytes

    var quotedName: Bytes { text.slice(0, name.raw.count + 2) }

    /// Whether there is nothing but a colon between name and value.
    var isCompact: Bool { text.count == name.raw.count + value.text.count + 3 }
}

/// Reads the members of one object in the order of the text, each checked as it is reached.
struct JSONObjectReader {
    private var scanner: JSONScanner
    private var isFirst = true
    private let depth: Int

    /// A text that is one object and nothing else.
    init(text: Bytes, allowsLoneSurrogates: Bool) throws(JSONError) {
        scanner = JSONScanner(text, allowsLoneSurrogates: allowsLoneSurrogates)
        depth = 1
        try scanner.expect(UInt8(ascii: "{"))
    }

    /// nil after the last member, when the text has been found to end there too.
    @_optimize(speed)
    mutating func next() throws(JSONError) -> JSONMember? {
        if isFirst {
            isFirst = false
            if scanner.take(UInt8(ascii: "}")) { return try end() }
        } else if !scanner.take(UInt8(ascii: ",")) {
            try scanner.expect(UInt8(ascii: "}"))
            return try end()
        }
        let name = try scanner.readString()
        try scanner.expect(UInt8(ascii: ":"))
        let value = try scanner.readValue(depth: depth)
        return JSONMember(
            name: JSONText(of: name),
            value: value,
            text: scanner.text(from: name.text)
        )
    }

    private mutating func end() throws(JSONError) -> JSONMember? {
        try scanner.expectEnd()
        return nil
    }
}

extension JSONValue {
    /// The members of an object that has been checked already.
    func forEachMember<Failure: Error>(
        _ body: (JSONMember) throws(Failure) -> Void
    ) throws(Failure) {
        guard kind == .object,
            var reader = try? JSONObjectReader(text: text, allowsLoneSurrogates: true)
        else { return }
        while let member = (try? reader.next()) ?? nil {
            try body(member)
        }
    }

    /// The first member of that name.
    func member(_ name: StaticString) -> JSONValue? { member(name.bytes) }

    func member(_ name: Bytes) -> JSONValue? {
        guard kind == .object,
            var reader = try? JSONObjectReader(text: text, allowsLoneSurrogates: true)
        else { return nil }
        while let member = (try? reader.next()) ?? nil {
            if member.name.equals(name) { return member.value }
        }
        return nil
    }
}
