/// Sources/trillet.map: the names that the library lets out, for the linker.
func symbolList(of description: Description) -> String {
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
