/// The part of include/trillet.hpp that has the options of clients and requests.
struct CppOptions: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "options"

    private static let width = 100

    private let library: Library

    init(_ description: Description) {
        library = description.library
    }

    func text() -> String {
        let client = structure(
            "Options",
            "The options of a client; what is left out has the default.",
            library.clientOptions
        )
        let request = structure(
            "RequestOptions",
            "What one request does differently from its client.",
            library.requestOptions
        )
        return """
            \(client)

            \(request)

            \(writing("Options", library.clientOptions))

            \(writing("RequestOptions", library.requestOptions))

            """
    }

    private func structure(_ name: String, _ text: String, _ options: [LibraryOption]) -> String {
        let members = CppOptions.order(options).map { option in
            let lines = wrap(
                // What follows an at sign would be a command of Doxygen.
                option.documentation(among: options).replacing("@", with: "\\@"),
                width: CppOptions.width,
                first: "    /// ",
                rest: "    /// "
            )
            return lines.joined(separator: "\n") + "\n    \(option.cppType) \(option.cppName) = {};"
        }
        return """
            /// \(text)
            struct \(name) {
            \(members.joined(separator: "\n"))

                json::object json() const;
            };
            """
    }

    private func writing(_ name: String, _ options: [LibraryOption]) -> String {
        let lines = options.map { "    detail::set(all, \"\($0.name)\", \($0.cppName));" }
        return """
            inline json::object \(name)::json() const {
                json::object all;
            \(lines.joined(separator: "\n"))
                return all;
            }
            """
    }

    /// Of neighbouring numbers the durations come first. Programs name the members in the order in
    /// which they stand here: C++20 refuses another one.
    private static func order(_ options: [LibraryOption]) -> [LibraryOption] {
        var ordered: [LibraryOption] = []
        var numbers: [LibraryOption] = []
        func settle() {
            ordered += numbers.filter(\.isDuration) + numbers.filter { !$0.isDuration }
            numbers = []
        }
        for option in options {
            if option.kind == .integer {
                numbers.append(option)
            } else {
                settle()
                ordered.append(option)
            }
        }
        settle()
        return ordered
    }
}

extension LibraryOption {
    fileprivate var isDuration: Bool { unit == "milliseconds" }

    /// `timeoutMs` is `timeout`, since its type says the rest.
    fileprivate var cppName: String {
        snakeCase(isDuration && name.hasSuffix("Ms") ? String(name.dropLast(2)) : name)
    }

    fileprivate var cppType: String {
        switch kind {
        case .string: "std::optional<std::string>"
        case .boolean: form == .validation ? "std::optional<Validation>" : "std::optional<bool>"
        case .integer where isDuration: "std::optional<std::chrono::milliseconds>"
        case .integer:
            (range?.upperBound ?? Int.max) <= Int(Int32.max)
                ? "std::optional<int>" : "std::optional<std::int64_t>"
        case .object, .array: "std::vector<std::pair<std::string, std::string>>"
        }
    }

    /// "How often it may be sent again. 0 to 100, default 2."
    fileprivate func documentation(among options: [LibraryOption]) -> String {
        let names = Dictionary(uniqueKeysWithValues: options.map { ($0.name, $0.cppName) })
        func inCpp(_ text: String) -> String {
            text.replacing(/\w+/) { names[String($0.output)] ?? String($0.output) }
        }
        let values = [rangeText, isDuration ? "ms" : unit].compactMap { $0 }.joined(separator: " ")
        let facts = [values, "default \(inCpp(defaultText))"].filter { !$0.isEmpty }
            .joined(separator: ", ")
        return inCpp(description) + " \(facts.prefix(1).uppercased())\(facts.dropFirst())."
    }
}
