/// The part of include/trillet.hpp that has the operations, a class for each resource.
struct CppOperations: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "operations"

    private static let width = 100

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        description.resources.map(classText).joined(separator: "\n\n") + "\n"
    }

    private func classText(_ resource: Resource) -> String {
        let operations = description.operations(of: resource).map(method)
        let following = description.library.functions.filter { $0.follows(resource) }
        return """
            \(comment(resource.description, indentation: ""))
            class \(resource.pythonClass) : public Group {
            public:
                using Group::Group;

            \((operations + following.map { method($0, of: resource) }).joined(separator: "\n"))
            };
            """
    }

    // MARK: Methods

    private func method(_ operation: Operation) -> String {
        let hasDefault = !operation.isMultipart && operation.requiredFields.isEmpty
        let name = CppOperations.methodNames[operation.pythonMethod] ?? operation.pythonMethod
        let start = "    [[nodiscard]] Answer \(name)("
        let request = "const Input &request\(hasDefault ? " = {}" : "")"
        if operation.canMerge {
            let parameters = [request] + CppOperations.mergingOptions
            return merging(operation, name, signature(start, parameters))
        }
        return """
            \(comment(documentation(operation), indentation: "    "))
            \(signature(start, [request, "const Input &options = {}"]))
                    return call(\(operation.function), request, options);
                }
            \(typed(operation, name, ["const Input &options = {}"]))
                    return call(\(operation.function), request.json(), options);
                }
            """
    }

    /// The same method for the operation's structure. As a template it gives way to JSON in braces,
    /// and the structure need not be there.
    private func typed(_ operation: Operation, _ name: String, _ options: [String]) -> String {
        let request = operation.cppRequest
        let start = "    [[nodiscard]] detail::answer_to<Request, \(request)> \(name)("
        let parameters = ["const Request &request"] + options
        return """
                template <class Request = \(request)>
            \(signature(start, parameters, continuation: 8))
            """
    }

    private static let mergingOptions = ["const Input &options = {}", "bool merge = false"]

    private func merging(
        _ operation: Operation,
        _ name: String,
        _ signature: String
    ) -> String {
        let id = operation.requiredFields[0].name
        return """
            \(comment(documentation(operation), indentation: "    "))
            \(comment("merge: \(Operation.merging)", indentation: "    "))
            \(signature)
                    if (!merge) return call(\(operation.function), request, options);
                    return merged(\(operation.getFunction), \(operation.function), "\(id)", request, options);
                }
            \(typed(operation, name, CppOperations.mergingOptions))
                    return \(name)(Input(request.json()), options, merge);
                }
            """
    }

    private func method(_ function: Function, of resource: Resource) -> String {
        let name = function.name.dropFirst("trillet_\(resource.name)_".count)
        let required = function.requires.joined(separator: ", ")
        let summary = function.summary + (required.isEmpty ? "" : " Required: \(required).")
        let progress = function.hasProgress ? ["const Progress &progress = {}"] : []
        let parameters = ["const Input &request"] + progress + ["const Input &options = {}"]
        let body =
            function.hasProgress
            ? "follow(\(function.name), request, progress, options)"
            : "call(\(function.name), request, options)"
        return """
            \(comment(summary, indentation: "    "))
            \(signature("    [[nodiscard]] Answer \(name)(", parameters))
                    return \(body);
                }
            """
    }

    /// Words of the API that C++ keeps for itself.
    private static let methodNames = [
        "delete": "remove", "export": "export_csv", "register": "add_external",
        "template": "get_template",
    ]

    private func signature(
        _ start: String,
        _ parameters: [String],
        continuation: Int? = nil
    ) -> String {
        var lines = [start]
        for (index, parameter) in parameters.enumerated() {
            let piece = parameter + (index == parameters.count - 1 ? ") const {" : ",")
            let last = lines[lines.count - 1]
            if index == 0, continuation == nil {
                lines[0] += piece
            } else if index == 0 {
                lines.append(String(repeating: " ", count: continuation ?? 0) + piece)
            } else if last.count + 1 + piece.count <= CppOperations.width {
                lines[lines.count - 1] += " \(piece)"
            } else {
                lines.append(String(repeating: " ", count: continuation ?? start.count) + piece)
            }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Documentation

    private func documentation(_ operation: Operation) -> String {
        var text = operation.summary
        let required =
            (operation.isMultipart ? [operation.takesText ? "file or csv" : "file"] : [])
            + operation.requiredFields.map(shown)
        if !required.isEmpty { text += " Required: \(required.joined(separator: ", "))." }
        let optional = operation.fields.filter { $0.place == .query && $0.required == .never }
        if !optional.isEmpty {
            text += " Optional: \(optional.map(\.name).joined(separator: ", "))."
        }
        return text
    }

    /// `ttsModel {provider, voiceId}`.
    private func shown(_ field: Field) -> String {
        let record = field.member.type.recordName.flatMap(description.record)
        let inner = record?.members.filter(\.isRequired).map(\.name) ?? []
        return inner.isEmpty ? field.name : "\(field.name) {\(inner.joined(separator: ", "))}"
    }

    private func comment(_ text: String, indentation: String) -> String {
        wrap(
            text,
            width: CppOperations.width,
            first: "\(indentation)/// ",
            rest: "\(indentation)/// "
        ).joined(separator: "\n")
    }
}

extension Operation {
    fileprivate var requiredFields: [Field] { fields.filter { $0.required == .always } }
    fileprivate var isMultipart: Bool { request == .multipart }
    fileprivate var takesText: Bool { fields.contains { $0.place == .fileText } }
}

extension Function {
    /// Whether it carries out something with a batch, and reports its progress.
    fileprivate func follows(_ resource: Resource) -> Bool {
        name.hasPrefix("trillet_\(resource.name)_")
    }

    fileprivate var hasProgress: Bool {
        parameters.contains { $0.type == "trillet_progress_fn" }
    }
}
