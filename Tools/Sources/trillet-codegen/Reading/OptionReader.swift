/// Reads the options of the library, each of which is described once for all that have it.
struct OptionReader {
    private let options: [(name: String, value: YAMLValue)]

    init(_ library: YAMLValue) throws {
        options = try library.value("options").list().map { (try $0.text("name"), $0) }
        try checkNames()
    }

    /// Names are unique: an error names an option without saying whose it is.
    private func checkNames() throws {
        for (name, value) in options where options.filter({ $0.name == name }).count > 1 {
            throw value.failure("describes '\(name)', which is described before or after, too")
        }
    }

    func options(of scope: LibraryOption.Scope) throws -> [LibraryOption] {
        let found = try options.filter { try $0.value.optional(scope.rawValue) != nil }
        // The core marks each name that it has read with one bit of 64.
        guard found.count <= 64 else {
            throw found[64].value.failure("is one option of a \(scope.rawValue) too many")
        }
        return try found.map { try LibraryOption($0.value, of: scope) }
    }
}

extension LibraryOption {
    fileprivate init(_ unnamed: YAMLValue, of scope: Scope) throws {
        name = try unnamed.text("name")
        let value = unnamed.named("options.\(name)")
        try value.allow(
            Set(Scope.allCases.map(\.rawValue)).union([
                "name", "swift", "type", "form", "unit", "range", "values", "secret", "path",
                "since",
            ])
        )
        swiftName = try value.optionalText("swift") ?? LibraryOption.swiftName(name)
        guard let kind = Kind(rawValue: try value.text("type")) else {
            throw try value.value("type").failure("is no type that an option can have")
        }
        self.kind = kind
        form = try value.optional("form").map { form in
            guard let known = Form(rawValue: try form.text()) else {
                throw form.failure("is no form that the core can read")
            }
            return known
        }
        unit = try value.optionalText("unit")
        range = try value.optional("range").map(LibraryOption.range)
        values = try value.optionalList("values").map { try $0.text() }
        isSecret = try value.flag("secret")
        isPath = try value.flag("path")
        since = try value.text("since")
        let use = try value.value(scope.rawValue).named("options.\(name).\(scope.rawValue)")
        try use.allow(["environment", "default", "absent", "description"])
        environment = try use.optionalList("environment").map { try $0.text() }
        description = try use.text("description")
        let isInherited = try scope == .request && value.optional(Scope.client.rawValue) != nil
        absent = try LibraryOption.absent(use, isInherited: isInherited)
        try check(value, use)
    }

    private static func absent(_ use: YAMLValue, isInherited: Bool) throws -> Absent {
        let value = try use.optional("default")
        let text = try use.optionalText("absent")
        switch (value, text) {
        case (let value?, nil): return .value(try value.possiblyEmptyText())
        case (nil, let text?): return .described(text)
        case (nil, nil): return isInherited ? .inherited : .described(nothing)
        case (_?, _?): throw use.failure("has both 'default' and 'absent'")
        }
    }

    private func check(_ value: YAMLValue, _ use: YAMLValue) throws {
        guard (kind == .integer) == (range != nil) else {
            throw value.failure("must have a range just when it is an integer")
        }
        let needsForm = kind != .integer && (kind != .boolean || !values.isEmpty)
        guard (form == nil) != needsForm else {
            throw value.failure(
                "must have a form just when it is neither an integer nor a boolean without values"
            )
        }
        guard environment.isEmpty || isText else {
            throw use.failure("has environment variables, which only text can have")
        }
        guard values.isEmpty || [.routeStyle, .engine, .validation].contains(form) else {
            let form = form?.rawValue ?? "of its type"
            throw value.failure("has values, which the core does not check with the form \(form)")
        }
        guard case .value(let text) = absent else { return }
        switch kind {
        case .integer:
            guard let number = Int(text), range?.contains(number) == true else {
                throw use.failure("has the default \(text), which is not in its range")
            }
        case .boolean:
            guard text == "true" || text == "false" else {
                throw use.failure("has the default \(text), which is neither true nor false")
            }
        case .string, .object, .array:
            guard values.isEmpty || values.contains(text) else {
                throw use.failure("has the default \(text), which is none of its values")
            }
        }
    }

    private static func range(_ value: YAMLValue) throws -> ClosedRange<Int> {
        let ends = try value.list().map { try Int($0.text()) }
        guard ends.count == 2, let least = ends[0], let most = ends[1], least <= most else {
            throw value.failure("must be two whole numbers, the least and the most")
        }
        return least...most
    }

    /// `baseUrl` is `baseURL`, `timeoutMs` is `timeoutMilliseconds`.
    private static func swiftName(_ name: String) -> String {
        for (ending, spelt) in [("Ms", "Milliseconds"), ("Id", "ID"), ("Url", "URL")]
        where name.hasSuffix(ending) {
            return name.dropLast(ending.count) + spelt
        }
        return name
    }
}
