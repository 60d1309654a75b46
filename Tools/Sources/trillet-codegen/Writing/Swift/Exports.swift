/// Sources/Trillet/Generated/Exports.swift: one door in C for each operation.
struct Exports: Writer {
    let path = "Sources/Trillet/Generated/Exports.swift"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        var text = """
            // \(generatedMark)

            // The names are C's.
            // swift-format-ignore-file

            import CTrillet

            """
        for operation in description.operations {
            text += """

                @implementation @_cdecl("\(operation.function)")
                public func \(operation.function)(
                    _ client: OpaquePointer?,
                    _ request_json: UnsafePointer<CChar>?,
                    _ options_json: UnsafePointer<CChar>?
                ) -> UnsafeMutablePointer<CChar>? {
                    perform(OperationTable.\(operation.swiftName), on: client, request: request_json, options: options_json)
                }

                """
        }
        return text
    }
}

/// Sources/Trillet/Generated/Version.swift.
struct VersionFile: Writer {
    let path = "Sources/Trillet/Generated/Version.swift"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        """
        // \(generatedMark)

        enum LibraryVersion {
            static let text: StaticString = "\(description.library.version)"
            static let abi: Int32 = \(description.library.abi)
        }

        """
    }
}
