/// Reads a JSON object field by field, and keeps what no property has taken.
///
/// The service may say more than its description, and at times something else: what is optional and
/// of another type becomes nil and stays among the other fields. An answer to a call that was placed
/// must not be lost over a detail.
struct FieldReader {
    private let container: KeyedDecodingContainer<FieldKey>
    private var taken: Set<String> = []

    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: FieldKey.self)
    }

    mutating func required<Value: Decodable>(
        _ name: String,
        or others: String...
    ) throws -> Value {
        for name in [name] + others where container.contains(FieldKey(name)) {
            let value = try container.decode(Value.self, forKey: FieldKey(name))
            taken.insert(name)
            return value
        }
        return try container.decode(Value.self, forKey: FieldKey(name))
    }

    /// A text; a number in its place is read as it stands, since ids come either way.
    mutating func required(_ name: String, or others: String...) throws -> String {
        for name in [name] + others where container.contains(FieldKey(name)) {
            taken.insert(name)
            if let number = try? container.decode(Int.self, forKey: FieldKey(name)) {
                return String(number)
            }
            return try container.decode(String.self, forKey: FieldKey(name))
        }
        return try container.decode(String.self, forKey: FieldKey(name))
    }

    mutating func optional<Value: Decodable>(_ name: String, or others: String...) -> Value? {
        for name in [name] + others {
            guard let value = try? container.decode(Value.self, forKey: FieldKey(name)) else {
                continue
            }
            taken.insert(name)
            return value
        }
        return nil
    }

    /// The fields that are left. An explicit null is one of them: it means something in a request.
    func rest() -> [String: JSONValue] {
        var rest: [String: JSONValue] = [:]
        for key in container.allKeys where !taken.contains(key.stringValue) {
            rest[key.stringValue] = try? container.decode(JSONValue.self, forKey: key)
        }
        return rest
    }

    /// The array that stands in place of an object, or nil.
    static func bareList<Items: Decodable>(_ type: Items.Type, _ decoder: any Decoder) -> Items? {
        guard let container = try? decoder.singleValueContainer() else { return nil }
        return try? container.decode(type)
    }
}

/// Writes a JSON object field by field; nil is left out.
struct FieldWriter {
    private var container: KeyedEncodingContainer<FieldKey>

    init(_ encoder: any Encoder) {
        container = encoder.container(keyedBy: FieldKey.self)
    }

    mutating func write(_ name: String, _ value: (some Encodable)?) throws {
        if let value { try container.encode(value, forKey: FieldKey(name)) }
    }

    /// One of the other fields takes the place of a property of the same name.
    mutating func write(_ others: [String: JSONValue]) throws {
        for (name, value) in others { try container.encode(value, forKey: FieldKey(name)) }
    }
}

private struct FieldKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
