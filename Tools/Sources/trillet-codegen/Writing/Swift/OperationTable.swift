/// Sources/Trillet/Generated/OperationTable.swift: the operations by the names that the core uses.
struct OperationTable: Writer {
    let path = "Sources/Trillet/Generated/OperationTable.swift"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let names = description.operations.enumerated().map { index, operation in
            "    static var \(operation.swiftName): Operation { Operation(at: \(index)) }"
        }
        return """
            // \(generatedMark)

            enum OperationTable {
                static var all: Constants<Operation> {
                    Constants(count: \(description.operations.count))
                }

            \(names.joined(separator: "\n"))

                static var listNames: StaticString {
                    "\(description.listNames(quotedBy: "'"))"
                }
            }

            """
    }
}
