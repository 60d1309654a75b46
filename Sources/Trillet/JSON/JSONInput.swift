/// The caller's JSON texts, and the errors about them.
enum JSONInput {
    /// Checks the whole text before anything is read from it: a text with a mistake has no
    /// meaning, not even the part in front of it.
    static func checkObject(
        _ text: Bytes,
        what: StaticString
    ) throws(Failure) -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONScanner.check(text, allowsLoneSurrogates: false)
        } catch {
            throw failure(error, what: what)
        }
        guard value.kind == .object else {
            throw Failure.invalidArgument(
                "\(what) must be a JSON object, not \(value.kind.name)"
            )
        }
        return value
    }

    static func failure(_ error: JSONError, what: StaticString) -> Failure {
        var failure = Failure.invalidArgument(
            "\(what) must be well-formed JSON: \(error.explanation) at byte \(error.offset)"
        )
        failure.offset = error.offset
        return failure
    }
}

extension Message {
    init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBufferPointer { "\($0)" }
    }
}
