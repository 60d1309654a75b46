/// An option of a client, a request or a check, as one of these has it.
struct LibraryOption {
    enum Scope: String, CaseIterable {
        case client, request, check
    }

    enum Kind: String {
        case string, integer, boolean, object, array
    }

    /// How the core reads a value, where the kind does not say that.
    enum Form: String {
        case key, headerValue, text, routeStyle, engine, headers, validation
        case path, splitPath, country, columnName, promptColumns, requiredColumns
    }

    /// What holds when the option is not given.
    enum Absent: Equatable {
        case value(String)
        case described(String)
        /// A request does as its client.
        case inherited
    }

    let name: String
    let swiftName: String
    let kind: Kind
    let form: Form?
    let unit: String?
    let range: ClosedRange<Int>?
    let values: [String]
    let isSecret: Bool
    let isPath: Bool
    let since: String
    let environment: [String]
    let absent: Absent
    let description: String

    /// Whether the core keeps its value as the bytes of a text.
    var isText: Bool {
        switch form {
        case .key, .headerValue, .text, .path, .splitPath, .columnName: true
        case .routeStyle, .engine, .headers, .validation, .country, .promptColumns,
            .requiredColumns, nil:
            false
        }
    }

    // MARK: For people

    /// `integer`, or `boolean or "strict"`.
    var typeText: String {
        let texts = kind == .boolean ? values.map { " or \"\($0)\"" } : []
        return kind.rawValue + texts.joined()
    }

    /// `1 to 100`, `"overview" or "published"`, or nil.
    var rangeText: String? {
        if let range { return "\(range.lowerBound) to \(range.upperBound)" }
        if values.isEmpty || kind == .boolean { return nil }
        return values.map { "\"\($0)\"" }.joined(separator: " or ")
    }

    /// "$TRILLET_BASE_URL, else https://api.trillet.ai".
    var defaultText: String {
        let variables = environment.map { "$\($0)" }.joined(separator: " or ")
        let rest: String
        switch absent {
        case .value(let value):
            let isText = value.isEmpty || !values.isEmpty && kind == .string
            rest = isText ? "\"\(value)\"" : value
        case .described(let text): rest = text
        case .inherited: rest = "the client's"
        }
        if variables.isEmpty { return rest }
        return rest == LibraryOption.nothing ? variables : "\(variables), else \(rest)"
    }

    /// How an option without a default and without a word about it is described.
    static let nothing = "none"
}
