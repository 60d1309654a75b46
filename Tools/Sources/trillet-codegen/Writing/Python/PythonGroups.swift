/// _sync/groups.py and _async/groups.py of the Python package: a client's resources as properties.
struct PythonGroups: Writer {
    /// The client itself has those that it does more with.
    private static let byHand: Set<String> = ["batch_calls", "calls"]

    private let resources: [Resource]
    private let kind: PythonResources.Kind

    init(_ description: Description, _ kind: PythonResources.Kind) {
        resources = description.resources.filter { !PythonGroups.byHand.contains($0.name) }
        self.kind = kind
    }

    var path: String {
        "bindings/python/src/trillet/\(kind.room)/groups.py"
    }

    private var prefix: String { kind == .blocking ? "" : "Async" }

    func text() -> String {
        let names = resources.map { "\(prefix)\($0.pythonClass)" }.sorted()
        return """
            # \(generatedMark)
            \"""The resources of the API as properties of a client.\"""

            from __future__ import annotations

            from .._core.base import Client
            from .lists import (
            \(names.map { "    \($0)," }.joined(separator: "\n"))
            )


            class \(prefix)Groups(Client):
                \"""What a client has its operations in.\"""

            \(resources.map(property).joined(separator: "\n"))
            """
    }

    private func property(_ resource: Resource) -> String {
        let name = "\(prefix)\(resource.pythonClass)"
        var lines = wrap(
            resource.description,
            width: 97,
            first: "        \"\"\"",
            rest: "        "
        )
        let closing = "\"\"\""
        if lines.count == 1, lines[0].count + closing.count <= 100 {
            lines[0] += closing
        } else {
            lines.append("        \(closing)")
        }
        return """
                @property
                def \(resource.name)(self) -> \(name):
            \(lines.joined(separator: "\n"))
                    return \(name)(self)

            """
    }
}
