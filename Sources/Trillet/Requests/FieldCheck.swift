/// The checks of a request that need no service: types, E.164 numbers, required members.
enum FieldCheck {
    static func check(_ value: JSONValue, as field: Field) throws(Failure) {
        try check(value, as: field, FieldPath(name: field.name))
    }

    private static func check(
        _ value: JSONValue,
        as field: Field,
        _ path: FieldPath
    ) throws(Failure) {
        if value.kind == .null {
            if field.required == .always { throw missing(path.text) }
            return
        }
        guard field.type.accepts(value) else {
            let path = path.text
            throw Failure.invalidArgument(
                "'\(path)' must be \(field.type.name), not \(value.kind.name)",
                field: path
            )
        }
        switch field.type {
        case .phoneNumber:
            try checkPhoneNumber(value, path)
        case .integer:
            guard value.isWholeNumber else {
                let path = path.text
                throw Failure.invalidArgument(
                    "'\(path)' must be a whole number, not \(value.text)",
                    field: path
                )
            }
        case .objectOrText where value.kind == .string:
            try checkObjectText(value, path)
        case .object where !field.members.isEmpty:
            try checkMembers(of: value, field: field, path)
        case .string where !field.choices.isEmpty:
            try checkChoice(value, among: field.choices, path)
        default:
            break
        }
    }

    static func missing(_ path: Message) -> Failure {
        Failure.invalidArgument("'\(path)' is missing; this operation requires it", field: path)
    }

    private static func checkMembers(
        of object: JSONValue,
        field: Field,
        _ path: FieldPath
    ) throws(Failure) {
        for member in field.members {
            try withUnsafePointer(to: path) { parent throws(Failure) in
                let path = FieldPath(name: member.name, parent: parent)
                if let value = object.member(member.name) {
                    try check(value, as: member, path)
                } else if member.required == .always {
                    throw missing(path.text)
                }
            }
        }
    }

    private static func checkChoice(
        _ value: JSONValue,
        among choices: Constants<Word>,
        _ path: FieldPath
    ) throws(Failure) {
        guard let text = value.string, !choices.contains(where: { text.equals($0.bytes) }) else {
            return
        }
        var known: Message = ""
        for (index, choice) in choices.enumerated() {
            let link: Message = index == 0 ? "" : index == choices.count - 1 ? " or " : ", "
            known = "\(known)\(link)'\(choice.bytes)'"
        }
        let path = path.text
        throw Failure.invalidArgument(
            "'\(path)' must be \(known), not '\(Message(text.decoded()))'",
            field: path
        )
    }

    private static func checkPhoneNumber(
        _ value: JSONValue,
        _ path: FieldPath
    ) throws(Failure) {
        guard let text = value.string else { return }
        if !text.hasEscapes, E164.isNumber(text.raw) { return }
        let number = text.decoded()
        guard !number.withUnsafeBufferPointer({ E164.isNumber($0) }) else { return }
        let path = path.text
        throw Failure.invalidArgument(
            """
            '\(path)' must be a phone number in E.164 form, '+' with country code and 7 to 15 \
            digits in all, like +12025550164; got '\(Message(number))'
            """,
            field: path
        )
    }

    private static func checkObjectText(
        _ value: JSONValue,
        _ path: FieldPath
    ) throws(Failure) {
        let text = value.string?.decoded() ?? []
        let isObject = text.withUnsafeBufferPointer { text in
            (try? JSONScanner.check(text, allowsLoneSurrogates: false))?.kind == .object
        }
        guard !isObject else { return }
        let path = path.text
        throw Failure.invalidArgument(
            "'\(path)' must be an object, or a string that holds one as JSON text",
            field: path
        )
    }
}

/// Where a field stands, as text for errors only: most requests have none.
private struct FieldPath {
    let name: Bytes
    var parent: UnsafePointer<FieldPath>?

    var text: Message {
        guard let parent else { return "\(name)" }
        return "\(parent.pointee.text).\(name)"
    }
}

enum E164 {
    /// `+`, a country code that does not start with 0, 7 to 15 digits in all.
    static func isNumber(_ text: Bytes) -> Bool {
        guard text.count >= 8, text.count <= 16, text[0] == UInt8(ascii: "+"),
            text[1] != UInt8(ascii: "0")
        else { return false }
        return text.dropFirst().allSatisfy { $0.isASCIIDigit }
    }
}

extension JSONValue {
    /// `20`, also `20.0` and `2e1`, which other writers make of the same number.
    fileprivate var isWholeNumber: Bool {
        if integer != nil { return true }
        // A number too large for an Int is still whole when it is all digits.
        for byte in text where !byte.isASCIIDigit && byte != UInt8(ascii: "-") {
            return isWholeFraction
        }
        return true
    }

    private var isWholeFraction: Bool {
        guard let dot = text.firstOffset(of: UInt8(ascii: ".")) else { return false }
        for byte in text.slice(dot + 1, text.count) where byte != UInt8(ascii: "0") {
            return false
        }
        return true
    }
}

extension FieldType {
    fileprivate func accepts(_ value: JSONValue) -> Bool {
        switch self {
        case .any: true
        case .string, .phoneNumber: value.kind == .string
        case .integer, .number: value.kind == .number
        case .boolean: value.kind == .boolean
        case .object: value.kind == .object
        case .array: value.kind == .array
        case .objectOrText: value.kind == .object || value.kind == .string
        }
    }

    fileprivate var name: StaticString {
        switch self {
        case .any: "any value"
        case .string: "a string"
        case .phoneNumber: "a string with a phone number in E.164 form"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .object: "an object"
        case .array: "an array"
        case .objectOrText: "an object"
        }
    }
}
