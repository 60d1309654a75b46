/// Sources/trillet.map: the names that the library lets out, for the linker.
struct SymbolList: Writer {
    let path = "Sources/trillet.map"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let names =
            description.library.functions.map(\.name) + description.operations.map(\.function)
        return """
            # \(generatedMark)
            TRILLET_\(description.library.abi) {
                global:
            \(names.map { "        \($0);" }.joined(separator: "\n"))
                local:
                    *;
            };

            """
    }
}
