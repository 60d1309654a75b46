/// _sync/resources.py of the Python package: a class for each resource, a method for each operation;
/// and _async/resources.py, the same with coroutines.
struct PythonResources: Writer {
    enum Kind {
        case blocking, coroutines

        var room: String { self == .blocking ? "_sync" : "_async" }
    }

    private static let width = 100

    let description: Description
    let kind: Kind

    init(_ description: Description, _ kind: Kind) {
        self.description = description
        self.kind = kind
    }

    var path: String {
        "bindings/python/src/trillet/\(kind.room)/resources.py"
    }

    private var prefix: String { kind == .blocking ? "" : "Async" }
    private var title: String {
        "The operations of the API, a class for each resource"
            + (kind == .blocking ? "." : ", as coroutines.")
    }

    func text() -> String {
        let classes = description.resources.map(classText).joined(separator: "\n\n")
        return """
            # \(generatedMark)
            \"""\(title)\"""

            from __future__ import annotations

            from .resource import \(prefix)Resource

            # Type checkers take this as true; at run time it saves importing typing.
            TYPE_CHECKING = False
            if TYPE_CHECKING:
                import os
                from collections.abc import Callable, Mapping, Sequence
                from typing import Literal

                from .. import types
                from .._model.downloads import DownloadUpdate
                from .._model.frames import Frame
                from .._model.options import RequestOptions


            \(classes)
            """
    }

    private func classText(_ resource: Resource) -> String {
        let lines = docstring([resource.description], indentation: "    ")
        let methods = description.operations(of: resource).map(methodText)
        return """
            class \(prefix)\(resource.pythonClass)(\(prefix)Resource):
            \(lines.joined(separator: "\n"))

            \(methods.joined(separator: "\n"))
            """
    }

    // MARK: Methods

    private func methodText(_ operation: Operation) -> String {
        let signature = PythonSignature(operation)
        let documentation = docstring(
            documentation(of: operation, signature),
            indentation: "        "
        )
        return """
                \(kind == .blocking ? "" : "async ")def \(operation.pythonMethod)(
                    self,
            \(signature.lines.map { "        \($0)," }.joined(separator: "\n"))
                ) -> \(signature.returnType):
            \(documentation.joined(separator: "\n"))
            \(fields(signature))
            \(merging(operation, signature))\(saving(signature))\(call(operation, signature))
                    return answer

            """
    }

    private func merging(_ operation: Operation, _ signature: PythonSignature) -> String {
        guard signature.canMerge else { return "" }
        let awaiting = kind == .blocking ? "" : "await "
        let call = onOneLineIfItFits(
            "merged: \(signature.returnType) = \(awaiting)self._merge(",
            "\"\(operation.id)\", fields, extra_fields, options",
            indentation: "            "
        )
        return "        if merge:\n\(call)\n            return merged\n"
    }

    private func saving(_ signature: PythonSignature) -> String {
        guard signature.saves else { return "" }
        let awaiting = kind == .blocking ? "" : "await "
        let call = "\(awaiting)self._save(fields, progress, options)"
        return """
                    if progress is not None:
                        saved: \(signature.returnType) = \(call)
                        return saved

            """
    }

    private func call(_ operation: Operation, _ signature: PythonSignature) -> String {
        let extra = operation.request == .none ? "None" : "extra_fields"
        let awaiting = kind == .blocking ? "" : "await "
        return onOneLineIfItFits(
            "answer: \(signature.returnType) = \(awaiting)self._client._endpoint(",
            "\"\(operation.id)\", fields, \(extra), options",
            indentation: "        "
        )
    }

    /// As ruff would have it.
    private func onOneLineIfItFits(
        _ start: String,
        _ arguments: String,
        indentation: String
    ) -> String {
        let line = "\(indentation)\(start)\(arguments))"
        if line.count <= PythonResources.width { return line }
        return "\(indentation)\(start)\n\(indentation)    \(arguments)\n\(indentation))"
    }

    /// Those that need not be given join one by one: a literal with all would have to be searched
    /// for None.
    private func fields(_ signature: PythonSignature) -> String {
        let required = signature.arguments.filter(\.isRequired)
        let pairs = required.map { "\"\($0.key)\": \($0.name)" }
        let start = "        fields: dict[str, object] = {"
        var lines = [start + pairs.joined(separator: ", ") + "}"]
        if lines[0].count > PythonResources.width {
            lines = [start] + pairs.map { "            \($0)," } + ["        }"]
        }
        for argument in signature.arguments where !argument.isRequired {
            lines.append("        if \(argument.name) is not None:")
            let assignment = "            fields[\"\(argument.key)\"] = "
            if assignment.count + argument.name.count <= PythonResources.width {
                lines.append(assignment + argument.name)
            } else {
                lines += [assignment + "(", "                \(argument.name)", "            )"]
            }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: Documentation

    private func documentation(of operation: Operation, _ signature: PythonSignature) -> [String] {
        var parts = [operation.summary]
        if let text = operation.description { parts.append(text) }
        var arguments = signature.arguments.map { "\($0.name): \($0.description)" }
        if operation.request != .none {
            arguments.append(
                "extra_fields: Any other field; a value of None is sent as null."
            )
        }
        if signature.canMerge { arguments.append("merge: \(Operation.merging)") }
        if signature.saves {
            arguments.append(
                "progress: Called on the waiting thread, or in the event loop where it may be a "
                    + "coroutine function, at most ten times a second and at the end, with a "
                    + "dictionary of `file`, `bytes` (how many are written) and `total` (None if the "
                    + "service does not say). Returning true ends the download. An exception also "
                    + "ends it, and is raised here."
            )
        }
        arguments.append("options: Options of this request, which override those of the client.")
        parts.append("Args:\n" + arguments.joined(separator: "\n"))
        parts.append("Returns:\n\(operation.answer.description)")
        parts.append("Raises:\n" + raises(operation).joined(separator: "\n"))
        return parts
    }

    private func raises(_ operation: Operation) -> [String] {
        var lines: [String] = []
        for error in operation.errors where error.isParticular {
            lines.append("\(pythonError(ofStatus: error.status)): \(error.description)")
        }
        return lines + ["TrilletError: Any other failure. All errors are subclasses of it."]
    }

    private func pythonError(ofStatus status: Int) -> String {
        switch errorType(ofStatus: status) {
        case "not_found": "NotFoundError"
        case "conflict": "ConflictError"
        case "server": "ServerError"
        default: "RejectedError"
        }
    }

    /// A docstring; a part of several lines is a section with a heading and indented entries.
    private func docstring(_ parts: [String], indentation: String) -> [String] {
        var lines: [String] = []
        for (index, part) in parts.enumerated() {
            if index > 0 { lines.append("") }
            let pieces = part.split(separator: "\n").map(String.init)
            if pieces.count == 1 {
                lines += wrap(
                    part,
                    width: PythonResources.width,
                    first: index == 0 ? "\(indentation)\"\"\"" : indentation,
                    rest: indentation
                )
                continue
            }
            lines.append(indentation + pieces[0])
            for piece in pieces.dropFirst() {
                lines += wrap(
                    piece,
                    width: PythonResources.width,
                    first: indentation + "    ",
                    rest: indentation + "        "
                )
            }
        }
        let closing = "\"\"\""
        if lines.count == 1, lines[0].count + closing.count <= PythonResources.width {
            return [lines[0] + closing]
        }
        return lines + [indentation + closing]
    }
}
