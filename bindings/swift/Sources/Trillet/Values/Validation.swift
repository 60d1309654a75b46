/// What is checked of a request before it is sent.
///
///     let client = try TrilletClient(ClientOptions(validate: .strict))
public enum Validation: Sendable, Hashable, ExpressibleByBooleanLiteral {
    /// Nothing.
    case off
    /// Required fields, types and phone numbers.
    case on
    /// Also that the operation has each of the fields.
    case strict

    public init(booleanLiteral value: Bool) { self.init(value) }

    public init(_ checks: Bool) { self = checks ? .on : .off }
}

extension Validation: Encodable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if self == .strict {
            try container.encode("strict")
        } else {
            try container.encode(self == .on)
        }
    }
}
