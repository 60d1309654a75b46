/// Checks one value at a path such as `ttsModel.provider`, and returns what to keep of it.
typealias FieldCheck = @Sendable (_ value: JSON, _ path: String) throws -> JSON

/// What a request may say of one field.
struct FieldRule: Sendable {
    let name: String
    var isRequired = false
    /// Whether null stands for "none".
    var isNullable = false
    /// What holds when the field is absent.
    var fallback: JSON?
    let check: FieldCheck

    static func required(_ name: String, _ check: @escaping FieldCheck) -> FieldRule {
        FieldRule(name: name, isRequired: true, check: check)
    }

    static func optional(_ name: String, _ check: @escaping FieldCheck) -> FieldRule {
        FieldRule(name: name, check: check)
    }

    static func optional(_ name: String, _ fallback: JSON, _ check: @escaping FieldCheck)
        -> FieldRule
    {
        FieldRule(name: name, fallback: fallback, check: check)
    }

    /// - Parameter fallback: what answers show when there is none; `nil` leaves the field out.
    static func nullable(_ name: String, _ fallback: JSON?, _ check: @escaping FieldCheck)
        -> FieldRule
    {
        FieldRule(name: name, isNullable: true, fallback: fallback, check: check)
    }
}

/// The fields of a document, in the order in which answers show them. Other fields of a request are
/// ignored.
struct FieldRules: Sendable {
    let rules: [FieldRule]

    /// The fields of a stored document, in order again.
    func ordered(_ document: JSONObject) -> JSONObject {
        var ordered = JSONObject()
        for rule in rules { ordered[rule.name] = document[rule.name] }
        return ordered
    }

    /// The fields of a new document.
    func created(from body: JSONObject) throws -> JSONObject {
        var document = JSONObject()
        for rule in rules {
            let value = body[rule.name]
            if rule.isRequired, value == nil || value == .null {
                throw Failure.invalid("\(rule.name) is required")
            }
            if let value, !(rule.isNullable && value == .null) {
                document[rule.name] = try rule.check(value, rule.name)
            } else {
                document[rule.name] = rule.fallback
            }
        }
        return document
    }

    /// The known fields of an update, checked. `null` is kept where it stands for "none".
    func changes(from body: JSONObject) throws -> JSONObject {
        var changes = JSONObject()
        for rule in rules {
            guard let value = body[rule.name] else { continue }
            if value == .null {
                guard rule.isNullable else { throw Failure.invalid("\(rule.name) may not be null") }
                changes[rule.name] = .null
            } else {
                changes[rule.name] = try rule.check(value, rule.name)
            }
        }
        return changes
    }

    /// The document that `body` puts in the place of another. Fields that a new document must have
    /// stay when they are left out; all others are then as in a new one.
    func replaced(_ document: JSONObject, with body: JSONObject) throws -> JSONObject {
        let changes = try changes(from: body)
        var result = JSONObject()
        for rule in rules {
            if let given = changes[rule.name], given != .null {
                result[rule.name] = given
            } else {
                result[rule.name] = rule.isRequired ? document[rule.name] : rule.fallback
            }
        }
        return result
    }

    /// The document after `changes`: objects are merged, everything else is replaced.
    func updated(_ document: JSONObject, with changes: JSONObject) -> JSONObject {
        let merged = document.merging(changes)
        var ordered = JSONObject()
        for rule in rules { ordered[rule.name] = merged[rule.name] ?? rule.fallback }
        return ordered
    }
}

/// The checks that fields share.
enum FieldChecks {
    static let anything: FieldCheck = { value, _ in value }

    static let text: FieldCheck = { value, path in
        guard value.stringValue != nil else { throw Failure.invalid("\(path) must be a string") }
        return value
    }

    static let nonEmptyText: FieldCheck = { value, path in
        let isBlank: (UInt8) -> Bool = { [0x20, 0x09, 0x0D, 0x0A].contains($0) }
        guard let text = value.stringValue, !text.utf8.allSatisfy(isBlank) else {
            throw Failure.invalid("\(path) must be a non-empty string")
        }
        return value
    }

    static let phoneNumber: FieldCheck = { value, path in
        guard let number = value.stringValue, TelephoneNumber.isValid(number) else {
            throw Failure.invalid(
                "\(path) must be a phone number in E.164 form such as +12025550164",
                code: "invalid_number"
            )
        }
        return value
    }

    static let flag: FieldCheck = { value, path in
        guard value.boolValue != nil else { throw Failure.invalid("\(path) must be true or false") }
        return value
    }

    static let object: FieldCheck = { value, path in
        guard value.objectValue != nil else { throw Failure.invalid("\(path) must be an object") }
        return value
    }

    static let array: FieldCheck = { value, path in
        guard value.arrayValue != nil else { throw Failure.invalid("\(path) must be an array") }
        return value
    }

    static let nonNegativeNumber: FieldCheck = { value, path in
        guard let number = value.doubleValue, number >= 0, number.isFinite else {
            throw Failure.invalid("\(path) must be a number of at least 0")
        }
        return value
    }

    static let positiveWholeNumber: FieldCheck = { value, path in
        guard let number = value.doubleValue, number >= 1, number == number.rounded() else {
            throw Failure.invalid("\(path) must be a whole number of at least 1")
        }
        return value
    }

    static func oneOf(_ values: String...) -> FieldCheck {
        { value, path in
            guard let text = value.stringValue, values.contains(text) else {
                throw Failure.invalid("\(path) must be one of \(values.joined(separator: ", "))")
            }
            return value
        }
    }

    static func elements(_ check: @escaping FieldCheck) -> FieldCheck {
        { value, path in
            guard let elements = value.arrayValue else {
                throw Failure.invalid("\(path) must be an array")
            }
            return .array(
                try elements.enumerated().map { try check($0.element, "\(path)[\($0.offset)]") }
            )
        }
    }

    /// An object whose known members are checked where they are present; the others stay as they
    /// are.
    static func members(_ checks: [(String, FieldCheck)]) -> FieldCheck {
        { value, path in
            guard var object = value.objectValue else {
                throw Failure.invalid("\(path) must be an object")
            }
            for (name, check) in checks {
                guard let member = object[name] else { continue }
                object[name] = try check(member, "\(path).\(name)")
            }
            return .object(object)
        }
    }

    /// A list of objects whose named members are texts.
    static func listOfTexts(_ members: String...) -> FieldCheck {
        elements(FieldChecks.members(members.map { ($0, FieldChecks.text) }))
    }
}
