/// bindings/python/src/trillet/_model/options.py: the options of one request.
struct PythonRequestOptions: Writer {
    let path = "bindings/python/src/trillet/_model/options.py"

    private let options: [PythonOption]

    init(_ description: Description) {
        let options = description.library.requestOptions
        self.options = options.map { PythonOption($0, among: options) }
    }

    func text() -> String {
        let members = options.map { "    \($0.name): \($0.type)" }
        let names = options.map { "    \"\($0.name)\": \($0.key)," }
        return """
            # \(generatedMark)
            \"""The options of one request, and their names in the library.\"""

            from __future__ import annotations

            from typing import TYPE_CHECKING, TypedDict

            if TYPE_CHECKING:
                from collections.abc import Mapping
                from typing import Literal


            class RequestOptions(TypedDict, total=False):
                \"""What overrides the client's options for one request.

                Attributes:
            \(PythonOption.documentation(options, indentation: "        "))
                \"""

            \(members.joined(separator: "\n"))


            REQUEST_OPTION_NAMES = {
            \(names.joined(separator: "\n"))
            }

            """
    }
}
