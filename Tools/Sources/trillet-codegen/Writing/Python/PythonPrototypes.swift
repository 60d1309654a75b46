/// bindings/python/src/trillet/_native/prototypes.py: the C functions, for the loader.
struct PythonPrototypes: Writer {
    let path = "bindings/python/src/trillet/_native/prototypes.py"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let library = description.library
        let functions = library.functions.map { ($0.name, $0.kind, $0.parameters) }
        let endpoints = description.operations.map {
            ($0.function, library.endpoints.kind, library.endpoints.parameters)
        }
        let rows = (functions + endpoints).map { name, kind, parameters in
            let arguments = parameters.map { "\"\($0.kind.rawValue)\"" }
            let comma = arguments.count == 1 ? "," : ""
            let tuple = "(\(arguments.joined(separator: ", "))\(comma))"
            let line = "    (\"\(name)\", \"\(kind.rawValue)\", \(tuple)),"
            if line.count <= 100 { return line }
            let parts = ["\"\(name)\"", "\"\(kind.rawValue)\"", tuple]
            return "    (\n\(parts.map { "        \($0),\n" }.joined())    ),"
        }
        let names = description.operations.map { "    \"\($0.id)\": \"\($0.function)\"," }
        return """
            # \(generatedMark)
            \"""The functions of libtrillet: name, result and arguments.

            - ``owned_text``: text to be freed with ``trillet_free``
            - ``static_text``: text that is never freed
            - ``handle``: an opaque pointer
            - ``text``: UTF-8 text that is lent for the call, or NULL
            - ``text_out``: where the function puts owned text
            - ``int32``: a 32-bit integer
            - ``size``: a count of bytes
            - ``uint64``: a 64-bit integer without a sign
            - ``uint64_out``: where the function puts one, or NULL
            - ``callback``: a function pointer, or NULL
            - ``void``: no result
            \"""

            from __future__ import annotations

            VERSION = "\(library.version)"
            ABI = \(library.abi)

            FUNCTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
            \(rows.joined(separator: "\n"))
            )

            # The functions of the operations.
            ENDPOINTS = {
            \(names.joined(separator: "\n"))
            }

            """
    }
}
