/// The part of include/trillet.hpp in which a client has its groups of operations.
struct CppGroups: Writer {
    let path = "include/trillet.hpp"
    let section: String? = "groups"

    private let description: Description

    init(_ description: Description) {
        self.description = description
    }

    func text() -> String {
        let lines = description.resources.map { resource in
            let name = resource.pythonClass
            return "    \(name) \(resource.name)() const noexcept { return \(name)(get()); }"
        }
        // The line that ends the part is indented, too.
        return lines.joined(separator: "\n") + "\n    "
    }
}
