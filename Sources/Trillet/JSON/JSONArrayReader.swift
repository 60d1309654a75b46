extension JSONValue {
    /// The elements of an array that has been checked already.
    func forEachElement<Failure: Error>(
        _ body: (JSONValue) throws(Failure) -> Void
    ) throws(Failure) {
        guard kind == .array else { return }
        var scanner = JSONScanner(text, allowsLoneSurrogates: true)
        guard (try? scanner.expect(UInt8(ascii: "["))) != nil else { return }
        if scanner.take(UInt8(ascii: "]")) { return }
        while let element = try? scanner.readValue(depth: 1) {
            try body(element)
            guard scanner.take(UInt8(ascii: ",")) else { return }
        }
    }
}
