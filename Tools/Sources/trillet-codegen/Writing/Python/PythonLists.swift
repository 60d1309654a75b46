/// _sync/lists.py and _async/lists.py of the Python package: the resources with their lists as
/// iterators.
struct PythonLists: Writer {
    private static let width = 100

    private let description: Description
    private let kind: PythonResources.Kind

    init(_ description: Description, _ kind: PythonResources.Kind) {
        self.description = description
        self.kind = kind
    }

    var path: String {
        "bindings/python/src/trillet/\(kind.room)/lists.py"
    }

    private var prefix: String { kind == .blocking ? "" : "Async" }
    private var loop: String { kind == .blocking ? "for" : "async for" }

    func text() -> String {
        let end = kind == .blocking ? "." : ", as coroutines."
        return """
            # \(generatedMark)
            \"""The operations of the API with their lists as iterators\(end)\"""

            from __future__ import annotations

            from . import resources as _operations

            TYPE_CHECKING = False
            if TYPE_CHECKING:
                from collections.abc import Mapping, Sequence
                from typing import Literal

                from .. import types
                from .._model.options import RequestOptions
                from .pages import \(prefix)Items, \(prefix)Pages


            \(description.resources.map(classText).joined(separator: "\n\n"))
            """
    }

    private func classText(_ resource: Resource) -> String {
        let name = "\(prefix)\(resource.pythonClass)"
        let methods = description.operations(of: resource).flatMap { operation in
            operation.list.map { [pagesMethod(operation, $0), itemsMethod(operation, $0)] } ?? []
        }
        if methods.isEmpty { return "\(name) = _operations.\(name)\n" }
        return """
            class \(name)(_operations.\(name)):
                __doc__ = _operations.\(name).__doc__

            \(methods.joined(separator: "\n"))
            """
    }

    // MARK: Methods

    private func pagesMethod(_ operation: Operation, _ list: List) -> String {
        let page = operation.answer.shapes[0].pythonArgumentType
        let required = operation.fields.filter { $0.required == .always }.map(\.pythonName)
        let call = (required + ["limit=100"]).joined(separator: ", ")
        let isBare = !list.isArray && operation.answer.shapes.contains(.list(list.item))
        let bare =
            isBare ? " On published routes there is one, a bare array of \(list.member)." : ""
        let note = list.note.map { wrapped($0, "        ") + "\n\n" } ?? ""
        return """
                def \(operation.pagesMethod)(
                    self,
            \(parameters(operation.fields))
                ) -> \(prefix)Pages[\(page)]:
                    \"""Iterates over the pages of `\(operation.pythonMethod)`.

                        \(loop) page in client.\(operation.resource).\(operation.pagesMethod)(\(call)):
                            ...

            \(note)        Args:
            \(arguments(operation.fields))

                    Returns:
            \(wrapped("An iterator of pages.\(bare)", "            "))
                    \"""
                    from .pages import \(prefix)Pages

            \(fields(operation.fields))
                    return \(prefix)Pages(self._pager("\(operation.id)", fields, options))

            """
    }

    private func itemsMethod(_ operation: Operation, _ list: List) -> String {
        let fieldsOfAll = operation.fields.filter { $0.name != "page" }
        let required = fieldsOfAll.filter { $0.required == .always }.map(\.pythonName)
        let item = singular(list.member)
        let once = "Each is returned once, also if calls placed meanwhile move it to another page."
        let note = list.isArray ? wrapped(once, "        ") + "\n\n" : ""
        let isMoving = list.isArray ? ", is_moving=True" : ""
        let loopLine =
            "\(loop) \(item) in client.\(operation.resource).\(operation.itemsMethod)"
            + "(\(required.joined(separator: ", "))):"
        return """
                def \(operation.itemsMethod)(
                    self,
            \(parameters(fieldsOfAll))
                ) -> \(prefix)Items[\(list.item.pythonArgumentType)]:
                    \"""Iterates over every \(item) of \(operation.scopeOfList), page by page.

                        \(loopLine)
                            ...

            \(note)        Args:
            \(arguments(fieldsOfAll))

                    Returns:
                        An iterator of \(list.member).
                    \"""
                    from .pages import \(prefix)Items

            \(fields(fieldsOfAll))
                    pager = self._pager("\(operation.id)", fields, options)
                    return \(prefix)Items(pager, "\(list.member)"\(isMoving))

            """
    }

    private func parameters(_ fields: [Field]) -> String {
        let required = fields.filter { $0.required == .always }
        let optional = fields.filter { $0.required != .always }
        let lines =
            required.map { "\($0.pythonName): \($0.member.pythonArgumentType)" } + ["*"]
            + optional.map {
                "\($0.pythonName): \($0.member.pythonArgumentType) | None = None"
            }
            + ["prefetch: bool | None = None", "options: RequestOptions | None = None"]
        return lines.map { "        \($0)," }.joined(separator: "\n")
    }

    private func arguments(_ fields: [Field]) -> String {
        let own = [
            "            prefetch: Fetch the next page while you work on this one. Default false.",
            "            options: Options that override the client's for these requests.",
        ]
        return (fields.map(argument) + own).joined(separator: "\n")
    }

    private func argument(_ field: Field) -> String {
        var text = field.member.description
        if field.name == "page", text.hasPrefix("The page") {
            text = "The first page" + text.dropFirst("The page".count)
        }
        return wrap(
            "\(field.pythonName): \(text)",
            width: PythonLists.width,
            first: "            ",
            rest: "                "
        ).joined(separator: "\n")
    }

    /// On one line if it fits, as ruff would have it.
    private func fields(_ fields: [Field]) -> String {
        let pairs = fields.map { "\"\($0.name)\": \($0.pythonName)" } + ["\"prefetch\": prefetch"]
        let line = "        fields = {\(pairs.joined(separator: ", "))}"
        if line.count <= PythonLists.width { return line }
        let lines = pairs.map { "            \($0)," }
        return "        fields = {\n\(lines.joined(separator: "\n"))\n        }"
    }

    private func wrapped(_ text: String, _ indentation: String) -> String {
        wrap(text, width: PythonLists.width, first: indentation, rest: indentation)
            .joined(separator: "\n")
    }
}

/// `calls` is `call`; what has no plural stays as it is.
private func singular(_ noun: String) -> String {
    noun.hasSuffix("s") ? String(noun.dropLast()) : noun
}

extension Field {
    fileprivate var pythonName: String { snakeCase(name) }
}

extension Operation {
    /// `list` has `pages`, `list_calls` has `call_pages`, `history` has `history_pages`.
    fileprivate var pagesMethod: String {
        listed.isEmpty ? "pages" : "\(singular(String(listed)))_pages"
    }

    fileprivate var itemsMethod: String {
        listed.isEmpty ? "list_all" : "list_all_\(listed)"
    }

    private var listed: Substring {
        pythonMethod.hasPrefix("list") ? pythonMethod.dropFirst("list_".count) : pythonMethod[...]
    }

    /// "the workspace", or "a batch" where a path parameter names one.
    fileprivate var scopeOfList: String {
        guard let field = fields.first(where: { $0.place == .path }) else { return "the workspace" }
        return "a \(field.name.hasSuffix("Id") ? field.name.dropLast(2) : field.name[...])"
    }
}
