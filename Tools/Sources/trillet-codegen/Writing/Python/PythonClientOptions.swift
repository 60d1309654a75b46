/// bindings/python/src/trillet/_core/client_options.py: how a client is made.
struct PythonClientOptions: Writer {
    let path = "bindings/python/src/trillet/_core/client_options.py"

    /// What may be given by position, too.
    private static let positional: Set<String> = ["api_key", "workspace_id"]

    private let options: [PythonOption]

    init(_ description: Description) {
        let options = description.library.clientOptions
        self.options = options.map { PythonOption($0, among: options) }
    }

    func text() -> String {
        let numbers = options.compactMap { option in
            option.number.map { "\(option.name.uppercased()) = \($0)" }
        }
        let names = options.map { "    \"\($0.name)\": \($0.key)," }
        return """
            # \(generatedMark)
            \"""The options of a client, and their names in the library.\"""

            from __future__ import annotations

            from .secret import hidden

            TYPE_CHECKING = False
            if TYPE_CHECKING:
                import os
                from collections.abc import Mapping
                from typing import Literal

            # What the library takes where they are not given.
            \(numbers.joined(separator: "\n"))

            CLIENT_OPTION_NAMES = {
            \(names.joined(separator: "\n"))
            }


            class ClientOptions:
                \"""The options of a client.\"""

                def __init__(
                    self,
            \(parameters)
                ) -> None:
                    \"""Makes a client; nothing is sent.

                    Args:
            \(PythonOption.documentation(options, indentation: "            "))

                    Raises:
                        ConfigurationError: An option is missing or wrong; ``field`` names it.
                        LibraryError: The native library cannot be used.
                    \"""
            \(hiding)
                    self._open(
                        {
            \(options.map { "                \"\($0.name)\": \($0.name)," }.joined(separator: "\n"))
                        }
                    )

                def _open(self, options: dict[str, object]) -> None:
                    raise NotImplementedError

            """
    }

    private var parameters: String {
        let first = options.filter { PythonClientOptions.positional.contains($0.name) }
        let others = options.filter { !PythonClientOptions.positional.contains($0.name) }
        let line = { (option: PythonOption) in
            "        \(option.name): \(option.type) | None = None,"
        }
        return (first.map(line) + ["        *,"] + others.map(line)).joined(separator: "\n")
    }

    private var hiding: String {
        let secrets = options.filter(\.isSecret).map(\.name)
        let hidden = secrets.map { "hidden(\($0))" }.joined(separator: ", ")
        return """
                    # From here on no traceback that prints local variables shows them.
                    \(secrets.joined(separator: ", ")) = \(hidden)  # type: ignore[assignment]
            """
    }
}
