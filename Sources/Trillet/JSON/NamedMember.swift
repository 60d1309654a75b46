/// The names that the members of an object of the library's own may have.
protocol MemberName: RawRepresentable where RawValue == Int {
    static var noun: MemberNoun { get }
    var text: StaticString { get }
}

/// What such members are called in errors.
enum MemberNoun {
    case option
    /// Of a request that the library carries out itself.
    case field

    fileprivate var whole: StaticString {
        switch self {
        case .option: "The options"
        case .field: "The request"
        }
    }

    fileprivate func title(_ name: StaticString) -> Message {
        switch self {
        case .option: "Option '\(name)'"
        case .field: "'\(name)'"
        }
    }

    fileprivate func unknown(_ name: Message, known: Message) -> Message {
        switch self {
        case .option: "There is no option '\(name)' here; known are \(known)"
        case .field: "There is no field '\(name)' here; known are \(known)"
        }
    }
}

/// One member of such an object, with the readers that check its type.
///
/// No error quotes a value: an API key put under the wrong name must not reach a log.
struct NamedMember {
    let name: StaticString
    let value: JSONValue
    let kind: FailureKind
    fileprivate let noun: MemberNoun

    @inline(never)
    func string() throws(Failure) -> [UInt8] {
        guard let string = value.string else { throw mistyped("a string") }
        return string.decoded()
    }

    @inline(never)
    func boolean() throws(Failure) -> Bool {
        guard value.kind == .boolean else { throw mistyped("true or false") }
        return value.isTrue
    }

    @inline(never)
    func integer(_ range: ClosedRange<Int>) throws(Failure) -> Int {
        guard value.kind == .number else { throw mistyped("a whole number") }
        guard let number = value.integer, range.contains(number) else {
            throw failure("must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    @inline(never)
    func mistyped(_ expected: StaticString) -> Failure {
        failure("must be \(expected), not \(value.kind.name)")
    }

    @inline(never)
    func failure(_ problem: Message) -> Failure {
        var failure = Failure(kind, "\(noun.title(name)) \(problem)")
        failure.field = "\(name)"
        return failure
    }
}

enum NamedMembers {
    /// Hands over the members of the object that have a value. An unknown one is an error, and so is
    /// one given twice: which of the two is meant? With `ignoringOthers` the object is an answer of
    /// the service with fields of ours beside its own, so that only what looks like ours is refused.
    static func forEach<Name: MemberName>(
        in text: Bytes,
        kind: FailureKind = .invalidArgument,
        ignoringOthers: Bool = false,
        _ body: (Name, NamedMember) throws(Failure) -> Void
    ) throws(Failure) {
        try forEach(
            in: text,
            kind: kind,
            noun: Name.noun,
            ignoringOthers: ignoringOthers,
            text: { Name(rawValue: $0)?.text },
            body: { (index: Int, member: NamedMember) throws(Failure) in
                if let name = Name(rawValue: index) { try body(name, member) }
            }
        )
    }

    /// The same by the places of the names, once for all kinds of names.
    @inline(never)
    private static func forEach(
        in text: Bytes,
        kind: FailureKind,
        noun: MemberNoun,
        ignoringOthers: Bool,
        text nameText: (Int) -> StaticString?,
        body: (Int, NamedMember) throws(Failure) -> Void
    ) throws(Failure) {
        if text.count == 0 { return }
        let whole = try JSONInput.checkObject(text, what: noun.whole)
        var seen: UInt64 = 0
        try whole.forEachMember { (member: JSONMember) throws(Failure) in
            var index = 0
            var found = nameText(index)
            while let name = found, !member.name.equals(name) {
                index += 1
                found = nameText(index)
            }
            guard let name = found else {
                if ignoringOthers, !member.name.raw.isLikeDuration { return }
                let given = Message(member.name.decoded())
                var failure = Failure(kind, noun.unknown(given, known: list(nameText)))
                failure.field = given
                throw failure
            }
            let given = NamedMember(name: name, value: member.value, kind: kind, noun: noun)
            // The generator refuses more than 64 names.
            let bit = UInt64(1) << UInt64(index & 63)
            guard seen & bit == 0 else { throw given.failure("is given twice") }
            seen |= bit
            // null is how bindings write "not given".
            if member.value.kind != .null { try body(index, given) }
        }
    }

    /// Whoever wrote `timeout` or `max_retries` sees the name that was meant.
    @inline(never)
    private static func list(_ nameText: (Int) -> StaticString?) -> Message {
        var list: [UInt8] = []
        var index = 0
        while let name = nameText(index) {
            if index > 0 { list.append(contentsOf: (", " as StaticString).bytes) }
            list.append(contentsOf: name.bytes)
            index += 1
        }
        return Message(whole: list)
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// `deadlineMS` is a `deadlineMs` with a mistake.
    fileprivate var isLikeDuration: Bool {
        slice(count - 2, count).equalsIgnoringCase(("ms" as StaticString).bytes)
    }
}
