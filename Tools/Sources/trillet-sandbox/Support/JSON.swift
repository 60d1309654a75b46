/// A JSON value. A number is kept as the text it is written as.
enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    var stringValue: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    var boolValue: Bool? {
        if case .bool(let flag) = self { return flag }
        return nil
    }

    var doubleValue: Double? {
        if case .number(let text) = self { return Double(text) }
        return nil
    }

    /// The value when it is a whole number, also when it is written like `3.0`.
    var intValue: Int? {
        guard case .number(let text) = self else { return nil }
        if let whole = Int(text) { return whole }
        return Double(text).flatMap { Int(exactly: $0) }
    }

    /// The nearest whole number that a program can count with.
    var saturatedIntValue: Int? {
        if let whole = intValue { return whole }
        return doubleValue.map { $0 < 0 ? Int.min : Int.max }
    }

    /// A whole number of any size, as it stands in a query or a form: digits, perhaps after a minus.
    init?(wholeNumber text: String) {
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self = .number(text)
    }

    var arrayValue: [JSON]? {
        if case .array(let elements) = self { return elements }
        return nil
    }

    var objectValue: JSONObject? {
        if case .object(let object) = self { return object }
        return nil
    }

    static func number(_ value: Int) -> JSON { .number(String(value)) }

    static func number(_ value: Int64) -> JSON { .number(String(value)) }

    /// A finite number, without a fraction when it has none.
    static func number(_ value: Double) -> JSON {
        if let whole = Int64(exactly: value) { return .number(String(whole)) }
        return .number(value.isFinite ? String(value) : "0")
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(integerLiteral value: Int) { self = .number(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: JSON...) { self = .array(elements) }
    init(nilLiteral: ()) { self = .null }
    init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

/// A JSON object that keeps its members in the order they were added.
struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    struct Member: Sendable, Equatable {
        let key: String
        var value: JSON
    }

    /// Up to this many members a search is faster than a dictionary.
    private static let fewMembers = 16

    private(set) var members: [Member] = []
    /// Where each member is, once there are more than a few.
    private var positions: [String: Int]?

    init() {}

    init(dictionaryLiteral elements: (String, JSON)...) {
        members.reserveCapacity(elements.count)
        for (key, value) in elements { self[key] = value }
    }

    static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members == right.members
    }

    var isEmpty: Bool { members.isEmpty }

    var keys: [String] { members.map(\.key) }

    /// Adds the members of `other`, also those that are null.
    mutating func add(_ other: JSONObject) {
        for member in other.members { self[member.key] = member.value }
    }

    /// Setting `nil` removes the member.
    subscript(key: String) -> JSON? {
        get { position(of: key).map { members[$0].value } }
        set {
            if let position = position(of: key) {
                if let newValue {
                    members[position].value = newValue
                } else {
                    members.remove(at: position)
                    index()
                }
            } else if let newValue {
                members.append(Member(key: key, value: newValue))
                if positions != nil {
                    positions?[key] = members.count - 1
                } else if members.count > JSONObject.fewMembers {
                    index()
                }
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[key] }
        return members.firstIndex { $0.key == key }
    }

    private mutating func index() {
        guard members.count > JSONObject.fewMembers else {
            positions = nil
            return
        }
        positions = Dictionary(
            members.enumerated().map { ($0.element.key, $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// The object with the members of `patch` laid over it: objects are merged member by member,
    /// `null` removes a member and everything else replaces it.
    func merging(_ patch: JSONObject) -> JSONObject {
        var merged = self
        for key in patch.keys {
            guard let value = patch[key], value != .null else {
                merged[key] = nil
                continue
            }
            if case .object(let change) = value {
                let present = merged[key]?.objectValue ?? JSONObject()
                merged[key] = .object(present.merging(change))
            } else {
                merged[key] = value
            }
        }
        return merged
    }
}
