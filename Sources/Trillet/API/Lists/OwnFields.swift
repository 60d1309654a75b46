/// The fields of a request that the library carries out itself.
protocol OwnField: CaseIterable, RawRepresentable where RawValue == Int {
    var text: StaticString { get }
}

/// One field of such a request, with the readers that check its type.
struct OwnFieldValue<Field: OwnField> {
    let field: Field
    let value: JSONValue

    func text() throws(Failure) -> [UInt8] {
        guard let string = value.string else { throw mistyped("a string") }
        let decoded = string.decoded()
        guard !decoded.isEmpty, !decoded.contains(0) else {
            throw failure("must not be empty or contain a NUL character")
        }
        return decoded
    }

    func boolean() throws(Failure) -> Bool {
        guard value.kind == .boolean else { throw mistyped("true or false") }
        return value.isTrue
    }

    func integer(_ range: ClosedRange<Int>) throws(Failure) -> Int {
        guard value.kind == .number else { throw mistyped("a whole number") }
        guard let number = value.integer, range.contains(number) else {
            throw failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func milliseconds(from least: Int) throws(Failure) -> Int {
        try integer(least...OwnFields.longestMilliseconds)
    }

    func mistyped(_ expected: StaticString) -> Failure {
        failure("must be \(expected), not \(value.kind.name)")
    }

    func failure(_ problem: Message) -> Failure {
        Failure.invalidArgument("'\(field.text)' \(problem)", field: "\(field.text)")
    }
}

enum OwnFields {
    /// A year: batches may be scheduled far ahead.
    static let longestMilliseconds = 366 * 24 * 60 * 60 * 1000

    static func forEach<Field: OwnField>(
        in text: Bytes,
        _ body: (OwnFieldValue<Field>) throws(Failure) -> Void
    ) throws(Failure) {
        if text.count == 0 { return }
        let request = try JSONInput.checkObject(text, what: "The request")
        var seen: UInt64 = 0
        try request.forEachMember { (member: JSONMember) throws(Failure) in
            guard let field = Field.allCases.first(where: { member.name.equals($0.text) }) else {
                let name = Message(member.name.decoded())
                throw Failure.invalidArgument("There is no field '\(name)' here", field: name)
            }
            let given = OwnFieldValue(field: field, value: member.value)
            let bit = UInt64(1) << UInt64(field.rawValue & 63)
            guard seen & bit == 0 else { throw given.failure("is given twice") }
            seen |= bit
            // null is how bindings write "not given".
            if member.value.kind != .null { try body(given) }
        }
    }
}
