/// The part of include/trillet.hpp that has the types of errors as an enumeration.
struct CppErrors: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "errors"

    private let types: [ErrorType]

    init(_ description: Description) {
        types = description.library.errorTypes
    }

    func text() -> String {
        let members = types.flatMap { type in
            cppComment(type.description, indentation: "    ") + ["    \(type.type),"]
        }
        let names = (["none"] + types.map(\.type) + ["other"]).map { name in
            "    case ErrorKind::\(name): return \"\(name)\";"
        }
        let values = types.map { type in
            "    if (type == \"\(type.type)\") return ErrorKind::\(type.type);"
        }
        return """
            /// What failed. The list may grow: an `else` or a `default` takes what is new.
            enum class ErrorKind {
                /// Nothing: the answer is good.
                none,
            \(members.joined(separator: "\n"))
                /// A type that is younger than this header; `error_type()` has its name.
                other,
            };

            inline std::string_view to_string(ErrorKind kind) noexcept {
                switch (kind) {
            \(names.joined(separator: "\n"))
                }
                return "other";
            }

            namespace detail {

            inline ErrorKind error_kind(std::string_view type) noexcept {
            \(values.joined(separator: "\n"))
                return ErrorKind::other;
            }

            } // namespace detail

            """
    }
}

/// The comment of what follows it.
func cppComment(_ text: String, indentation: String = "") -> [String] {
    wrap(text, width: 100, first: "\(indentation)/// ", rest: "\(indentation)/// ")
}
