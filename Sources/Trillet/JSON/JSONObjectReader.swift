struct JSONMember {
    let name: JSONText
    /// The name as it stands in the text, with its quotes.
    let quotedName: Bytes
    let value: JSONValue
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
    mutating func next() throws(JSONError) -> JSONMember? {
        if isFirst {
            isFirst = false
            if scanner.take(UInt8(ascii: "}")) { return try end() }
        } else if !scanner.take(UInt8(ascii: ",")) {
            try scanner.expect(UInt8(ascii: "}"))
            return try end()
        }
        let quotedName = try scanner.readString()
        try scanner.expect(UInt8(ascii: ":"))
        let value = try scanner.readValue(depth: depth)
        return JSONMember(name: JSONText(quoted: quotedName), quotedName: quotedName, value: value)
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
    func member(_ name: StaticString) -> JSONValue? {
        guard kind == .object,
            var reader = try? JSONObjectReader(text: text, allowsLoneSurrogates: true)
        else { return nil }
        while let member = (try? reader.next()) ?? nil {
            if member.name.equals(name) { return member.value }
        }
        return nil
    }
}
