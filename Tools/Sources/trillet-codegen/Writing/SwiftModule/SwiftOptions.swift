/// Options.swift: the options of a client and of a request.
func swiftOptions(_ description: Description) throws -> String {
    let client = try optionsText(
        "ClientOptions",
        "How a client works. What is nil is as the library has it by default.",
        description.library.clientOptions
    )
    let request = try optionsText(
        "RequestOptions",
        "What one request does differently from its client.",
        description.library.requestOptions
    )
    return """
        // \(generatedMark)

        extension TrilletClient {
            /// The version of the library that this module was written for.
            public static let moduleVersion = \(JSONText.quoted(description.library.version))

            static let abi: Int32 = \(description.library.abi)
        }

        \(client)

        \(request)

        """
}

private struct SwiftOption {
    let option: LibraryOption

    /// `timeoutMs` is `timeout`, a duration.
    var isDuration: Bool { option.unit == "milliseconds" && option.name.hasSuffix("Ms") }
    var name: String { isDuration ? String(option.name.dropLast(2)) : option.name }

    func type() throws -> String {
        if isDuration { return "Duration" }
        switch option.kind {
        case .string: return option.form == .routeStyle ? "Routes" : "String"
        case .integer: return "Int"
        case .boolean: return option.form == .validation ? "Validation" : "Bool"
        case .object: return "[String: String]"
        case .array:
            throw DescriptionError(place: option.name, problem: "has a type Swift does not know")
        }
    }
}

private func optionsText(
    _ name: String,
    _ description: String,
    _ options: [LibraryOption]
) throws -> String {
    let options = options.map(SwiftOption.init)
    var lines = swiftComment(description) + ["public struct \(name): Sendable, Encodable {"]
    for option in options {
        let unit = option.option.unit.map { " \($0)" } ?? ""
        let range = option.option.rangeText.map { " Range: \($0)\(unit)." } ?? ""
        let text = "\(option.option.description)\(range) Default: \(option.option.defaultText)."
        lines += swiftComment(text, indentation: "    ")
        lines.append("    public var \(option.name): \(try option.type())?")
    }
    lines.append("")
    lines += swiftCall(
        "public init",
        try options.map { "\($0.name): \(try $0.type())? = nil" },
        end: " {"
    ).map { "    " + $0 }
    lines += options.map { "        self.\($0.name) = \($0.name)" } + ["    }", ""]
    lines += [
        "    public func encode(to encoder: any Encoder) throws {",
        "        var fields = FieldWriter(encoder)",
    ]
    lines += options.map { option in
        let value = option.isDuration ? "\(option.name)?.wholeMilliseconds" : option.name
        return "        try fields.write(\(JSONText.quoted(option.option.name)), \(value))"
    }
    return (lines + ["    }", "}"]).joined(separator: "\n")
}
