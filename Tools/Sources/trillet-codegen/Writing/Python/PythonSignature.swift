/// How an operation looks as a Python method.
struct PythonSignature {
    struct Argument {
        /// The field's name in the API.
        let key: String
        let name: String
        let type: String
        let isRequired: Bool
        let isPositional: Bool
        let description: String
    }

    let arguments: [Argument]
    let returnType: String
    let canMerge: Bool
    /// Whether it can write its answer to a file, and report on that.
    let saves: Bool
    private let takesExtraFields: Bool

    /// Operations whose required body fields may be given by position, too.
    private static let positional: Set<String> = ["calls.send"]

    init(_ operation: Operation) {
        let all = operation.fields.map { field in
            let isRequired = field.required == .always
            return Argument(
                key: field.name,
                name: snakeCase(field.name),
                type: PythonSignature.type(of: field),
                isRequired: isRequired,
                isPositional: field.place == .path
                    || (isRequired && PythonSignature.positional.contains(operation.id)),
                description: PythonSignature.description(of: field)
            )
        }
        arguments =
            all.filter(\.isPositional)
            + all.filter { !$0.isPositional && $0.isRequired }
            + all.filter { !$0.isPositional && !$0.isRequired }
        returnType = operation.answer.shapes[0].pythonArgumentType
        takesExtraFields = operation.request != .none
        canMerge = operation.canMerge
        saves = operation.fields.contains { $0.place == .downloadPath }
    }

    /// The parameters after `self`, one a line, without commas.
    var lines: [String] {
        var lines = arguments.filter(\.isPositional).map(PythonSignature.line)
        lines.append("*")
        lines += arguments.filter { !$0.isPositional }.map(PythonSignature.line)
        if takesExtraFields {
            lines.append("extra_fields: Mapping[str, object] | None = None")
        }
        if canMerge { lines.append("merge: bool = False") }
        if saves {
            lines.append("progress: Callable[[DownloadUpdate], object] | None = None")
        }
        lines.append("options: RequestOptions | None = None")
        return lines
    }

    private static func line(_ argument: Argument) -> String {
        argument.isRequired
            ? "\(argument.name): \(argument.type)"
            : "\(argument.name): \(argument.type) | None = None"
    }

    private static func type(of field: Field) -> String {
        switch field.place {
        case .filePath, .downloadPath: "str | bytes | os.PathLike[str] | os.PathLike[bytes]"
        case .fileText: "str | Frame"
        default: field.member.pythonArgumentType
        }
    }

    private static func description(of field: Field) -> String {
        var text = field.member.description
        if field.place == .fileText { text += " A data frame of pandas or polars is one, too." }
        if field.required == .onPublishedRoute { text += " Required on published routes." }
        if field.member.isPublishedOnly { text += " For published routes." }
        return text
    }
}
