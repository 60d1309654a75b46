/// A structure of include/trillet_requests.hpp.
struct CppStructure {
    struct Field {
        let name: String
        let key: String
        let type: String
        /// Whether a compiler that warns of missing fields is to name it.
        let isRequired: Bool
        let description: String
    }

    private let name: String
    private let operation: String?
    private let description: String
    private let fields: [Field]

    init(record: Record, _ fields: [Field]) {
        name = record.name
        operation = nil
        description = record.description
        self.fields = fields
    }

    init(operation: Operation, _ fields: [Field]) {
        name = operation.cppRequest
        self.operation = operation.id
        description = "\(operation.id): \(operation.summary)"
        self.fields = fields
    }

    var declaration: String {
        var lines = cppComment(description) + ["struct \(name) {"]
        if let operation {
            lines += ["    static constexpr const char *operation = \"\(operation)\";", ""]
        }
        lines.append("    detail::ByName by_name = detail::ByName();")
        for field in fields {
            lines += cppComment(field.description, indentation: "    ")
            lines.append("    \(field.type) \(field.name)\(field.isRequired ? "" : " = {}");")
        }
        lines += [
            "    /// Any other field, by the API's own name.", "    json::object extra = {};", "",
            "    json::object json() const;", "};",
        ]
        return lines.joined(separator: "\n")
    }

    var definition: String {
        let lines = fields.map { "    detail::set(all, \"\($0.key)\", \($0.name));" }
        return """
            inline json::object \(name)::json() const {
                json::object all;
            \((lines + ["    return all.append(extra);"]).joined(separator: "\n"))
            }
            """
    }
}
