/// include/trillet_requests.hpp: a structure for the request of each operation.
struct CppRequests: Writer {
    let path = "include/trillet_requests.hpp"

    private let description: Description
    private let names: CppNames

    init(_ description: Description) throws {
        self.description = description
        names = try CppNames(description)
    }

    func text() throws -> String {
        let structures =
            try names.records.map { CppStructure(record: $0, try names.fields(of: $0)) }
            + description.operations.map { CppStructure(operation: $0, try names.fields(of: $0)) }
        let parts =
            names.choices.map(enumeration) + structures.map(\.declaration)
            + structures.map(\.definition)
        return """
            // \(generatedMark)
            /// \\file trillet_requests.hpp
            /// The requests of every operation as structures, over trillet.hpp: a field that is
            /// misspelt or has the wrong type does not compile.
            ///
            ///     client.calls().send({.agent_id = agent, .to_number = "+12025550164"});  // C++20
            ///
            ///     trillet::CallsSend request;                                             // C++17
            ///     request.agent_id = agent;
            ///     request.to_number = "+12025550164";
            ///     client.calls().send(request);
            ///
            /// Fields have the API's names in small letters, the required ones first; an empty
            /// `std::optional` is not sent. What the API has and the structure has not goes into
            /// `extra`. The library checks a request as it checks JSON. Fields have no positions:
            /// name them, in the order in which they stand here.
            #ifndef TRILLET_REQUESTS_HPP
            #define TRILLET_REQUESTS_HPP

            #include "trillet.hpp"

            namespace trillet {

            \(parts.joined(separator: "\n\n"))

            } // namespace trillet

            #endif

            """
    }

    private func enumeration(_ choice: CppNames.Choice) -> String {
        let names = choice.values.map { CppNames.enumerator($0) }
        let cases = zip(names, choice.values).map { name, value in
            "    case \(choice.name)::\(name): return \"\(value)\";"
        }
        return """
            \(cppComment(choice.description).joined(separator: "\n"))
            enum class \(choice.name) {
            \(names.map { "    \($0)," }.joined(separator: "\n"))
            };

            inline std::string_view to_string(\(choice.name) choice) noexcept {
                switch (choice) {
            \(cases.joined(separator: "\n"))
                }
                return {};
            }
            """
    }
}

/// The part of include/trillet.hpp that names the structures.
struct CppRequestNames: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "requests"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let names = description.operations.map { "struct \($0.cppRequest);" }
        return "// Of trillet_requests.hpp.\n" + names.joined(separator: "\n") + "\n"
    }
}

extension Operation {
    /// `batch_calls.list_calls` is `BatchCallsListCalls`.
    var cppRequest: String { upperCamel(id.replacing(".", with: "_")) }
}
