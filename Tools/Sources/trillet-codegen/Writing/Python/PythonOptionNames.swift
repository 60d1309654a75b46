/// bindings/python/src/trillet/_model/option_names.py: options that Python spells differently.
struct PythonOptionNames: Writer {
    let path = "bindings/python/src/trillet/_model/option_names.py"

    private let options: [PythonOption]

    init(_ description: Description) {
        let library = description.library
        let all = library.clientOptions + library.requestOptions + library.checkOptions
        var seen: Set<String> = []
        options = all.filter { seen.insert($0.name).inserted && snakeCase($0.name) != $0.name }
            .map { PythonOption($0, among: []) }
    }

    func text() -> String {
        """
        # \(generatedMark)
        \"""The options of clients, requests and checks that this package spells differently.\"""

        from __future__ import annotations

        OPTION_NAMES = {
        \(options.map { "    \($0.key): \"\($0.name)\"," }.joined(separator: "\n"))
        }

        """
    }
}
