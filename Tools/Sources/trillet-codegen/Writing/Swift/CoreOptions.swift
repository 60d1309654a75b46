/// Sources/Trillet/Generated/ClientOptions.swift and its siblings: the options of a client, a request
/// or a check as the core reads them.
struct CoreOptions: Writer {
    private let scope: LibraryOption.Scope
    private let options: [LibraryOption]
    private let clientOptions: [LibraryOption]

    init(_ description: Description, _ scope: LibraryOption.Scope) {
        self.scope = scope
        clientOptions = description.library.clientOptions
        switch scope {
        case .client: options = description.library.clientOptions
        case .request: options = description.library.requestOptions
        case .check: options = description.library.checkOptions
        }
    }

    var path: String { "Sources/Trillet/Generated/\(structure).swift" }

    private var structure: String {
        scope.rawValue.prefix(1).uppercased() + scope.rawValue.dropFirst() + "Options"
    }

    func text() -> String {
        let parts = [names, values, inheritance, reading, environment].compactMap { $0 }
        return """
            // \(generatedMark)

            /// The options of a \(scope.rawValue), as they were given.
            struct \(structure) {
            \(parts.joined(separator: "\n\n"))
            }

            """
    }

    // MARK: Names

    private var names: String {
        let list = options.map(\.name).joined(separator: ", ")
        let cases = wrap(list, width: 96, first: "        case ", rest: "            ")
        let texts = options.map { "            case .\($0.name): \"\($0.name)\"" }
        return """
                enum Name: Int, MemberName {
            \(cases.joined(separator: "\n"))

                    static var noun: MemberNoun { .option }

                    var text: StaticString {
                        switch self {
            \(texts.joined(separator: "\n"))
                        }
                    }
                }
            """
    }

    // MARK: Values

    private var values: String {
        var seen: Set<String> = []
        return options.filter { seen.insert($0.swiftName).inserted }.map { option in
            var line = "    var \(option.swiftName)"
            switch option.swiftDefault {
            case .none where scope == .request && option.kind == .integer:
                // An optional would cost every request instructions.
                line += " = Int.max"
            case .none: line += ": \(option.swiftType)?"
            case .inherited: line += ": \(option.swiftType)\(isNilInClient(option) ? "?" : "")"
            case .literal(let value) where option.kind == .array || option.swiftType.hasPrefix("["):
                line += ": \(option.swiftType) = \(value)"
            case .literal(let value): line += " = \(value)"
            }
            return line + serviceDefault(option)
        }.joined(separator: "\n")
    }

    private func isNilInClient(_ option: LibraryOption) -> Bool {
        let client = clientOptions.first { $0.name == option.name }
        if case .none? = client?.swiftDefault { return true }
        return false
    }

    /// A default that is text stands beside the property, which is nil when it was not given.
    private func serviceDefault(_ option: LibraryOption) -> String {
        guard option.form == .text, case .value(let text) = option.absent, !text.isEmpty else {
            return ""
        }
        let name = option.swiftName.prefix(1).uppercased() + option.swiftName.dropFirst()
        return "\n    static var default\(name): StaticString { \"\(text)\" }"
    }

    private var inheritance: String? {
        let inherited = options.filter { $0.absent == .inherited }
        if inherited.isEmpty { return nil }
        let lines = inherited.map { "        \($0.swiftName) = client.\($0.swiftName)" }
        return """
                /// Before anything is read: as the client.
                init(of client: ClientOptions) {
            \(lines.joined(separator: "\n"))
                }
            """
    }

    // MARK: Reading

    private var reading: String {
        let names = options.map(\.swiftName)
        let shared = Set(names.filter { name in names.filter { $0 == name }.count > 1 })
        let cases = options.map { option in
            let assignment = shared.contains(option.swiftName) ? "+=" : "="
            let start = "        case .\(option.name):"
            let statement = "\(option.swiftName) \(assignment) try option.\(option.swiftReader)"
            return start.count + 1 + statement.count <= 100
                ? "\(start) \(statement)" : "\(start)\n            \(statement)"
        }
        return """
                mutating func read(_ name: Name, _ option: NamedMember) throws(Failure) {
                    switch name {
            \(cases.joined(separator: "\n"))
                    }
                }
            """
    }

    private var environment: String? {
        let named = options.filter { !$0.environment.isEmpty }
        if named.isEmpty { return nil }
        let lines = named.map { option in
            let variables = option.environment.map { " ?? Environment.text(\"\($0)\")" }
            return "        \(option.swiftName) = \(option.swiftName)\(variables.joined())"
        }
        return """
                /// What was not given and has a variable.
                mutating func readEnvironment() {
            \(lines.joined(separator: "\n"))
                }
            """
    }
}

extension LibraryOption {
    fileprivate enum SwiftDefault {
        case none, inherited
        case literal(String)
    }

    fileprivate var swiftType: String {
        switch form {
        case .key, .headerValue, .text, .path, .splitPath, .columnName: "[UInt8]"
        case .routeStyle: "RouteStyle"
        case .engine: "Engine"
        case .validation: "Validation"
        case .headers: "[Header]"
        case .country: "CountryNumbers"
        case .promptColumns, .requiredColumns: "[NeededColumn]"
        case nil: kind == .boolean ? "Bool" : "Int"
        }
    }

    fileprivate var swiftDefault: SwiftDefault {
        switch absent {
        case .inherited: return .inherited
        case .described: return .none
        case .value(let text):
            switch kind {
            case .boolean where form == .validation:
                return .literal("Validation.\(text == "true" ? "on" : "off")")
            case .boolean: return .literal(text)
            case .integer: return .literal(grouped(text))
            case .object, .array: return .literal("[]")
            case .string:
                if !values.isEmpty { return .literal("\(swiftType).\(text)") }
                // Empty is not the same as not given if the environment may have it.
                return text.isEmpty && environment.isEmpty ? .literal("[]") : .none
            }
        }
    }

    fileprivate var swiftReader: String {
        if let form { return "\(form.rawValue)()" }
        guard let range else { return "boolean()" }
        let ends = [range.lowerBound, range.upperBound].map { grouped(String($0)) }
        return "integer(\(ends.joined(separator: "...")))"
    }

    /// 60_000.
    private func grouped(_ digits: String) -> String {
        if digits.count < 5 { return digits }
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result += "_" }
            result.append(digit)
        }
        return result
    }
}
