extension Library {
    init(_ value: YAMLValue) throws {
        try value.allow([
            "version", "abi", "operations", "groups", "guide", "errorTypes", "secretNames",
            "options", "endpointFunctions", "functions", "constants", "callbacks", "handles",
        ])
        version = try value.text("version")
        abi = try value.integer("abi")
        operationIDs = try value.value("operations").list().map { try $0.text() }
        groups = try value.value("groups").list().map(Group.init)
        guide = try value.value("guide").list().map(GuideSection.init)
        errorTypes = try value.value("errorTypes").list().map(ErrorType.init)
        secretNames = try value.value("secretNames").list().map { name in
            guard !(try name.text().contains(" ")) else { throw name.failure("has a space in it") }
            return try name.text()
        }
        let options = try OptionReader(value)
        clientOptions = try options.options(of: .client)
        requestOptions = try options.options(of: .request)
        checkOptions = try options.options(of: .check)
        handles = try value.value("handles").list().map(OpaqueHandle.init)
        constants = try value.value("constants").list().map(Constant.init)
        callbacks = try value.value("callbacks").list().map(Callback.init)
        endpoints = try EndpointFunctions(value.value("endpointFunctions"))
        functions = try value.value("functions").list().map(Function.init)
        for function in functions where !groups.contains(where: { $0.name == function.group }) {
            throw value.failure("\(function.name) is in the unknown group '\(function.group)'")
        }
    }
}

extension Group {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "title", "description", "followsOperations"])
        name = try value.text("name")
        title = try value.text("title")
        description = try value.text("description")
        followsOperations = try value.flag("followsOperations")
    }
}

extension OpaqueHandle {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "description"])
        name = try value.text("name")
        description = try value.text("description")
    }
}

extension Constant {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "value", "description"])
        name = try value.text("name")
        self.value = try value.integer("value")
        description = try value.text("description")
    }
}

extension Callback {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "returns", "summary", "description", "parameters"])
        name = try value.text("name")
        returnType = try value.text("returns")
        summary = try value.text("summary")
        description = try value.text("description")
        parameters = try value.value("parameters").list().map { parameter in
            try parameter.allow(["name", "type"])
            return (try parameter.text("type"), try parameter.text("name"))
        }
    }
}

extension GuideSection {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["title", "text", "table"])
        title = try value.text("title")
        text = try value.text("text")
        table = try value.optional("table").map { value in
            guard let table = Table(rawValue: try value.text()) else {
                throw value.failure("is no table that the generator knows")
            }
            return table
        }
    }
}

extension ErrorType {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["type", "description"])
        type = try value.text("type")
        description = try value.text("description")
    }
}

extension Behaviour {
    fileprivate static let keys: Set<String> = ["ownership", "threadSafety", "blocking", "since"]

    fileprivate init(_ value: YAMLValue) throws {
        ownership = try value.text("ownership")
        threadSafety = try value.text("threadSafety")
        blocking = try value.text("blocking")
        since = try value.text("since")
    }
}

extension BoundaryKind {
    fileprivate init(_ value: YAMLValue) throws {
        guard let kind = BoundaryKind(rawValue: try value.text()) else {
            throw value.failure("is no kind that the bindings know")
        }
        self = kind
    }
}

extension Parameter {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "type", "kind", "description"])
        name = try value.text("name")
        type = try value.text("type")
        kind = try BoundaryKind(value.value("kind"))
        description = try value.text("description")
    }
}

extension Function {
    fileprivate init(_ value: YAMLValue) throws {
        name = try value.text("name")
        let value = value.named("functions.\(name)")
        try value.allow(
            Behaviour.keys.union([
                "name", "group", "summary", "description", "kind", "parameters", "returns",
                "requires",
            ])
        )
        group = try value.text("group")
        summary = try value.text("summary")
        description = try value.optionalText("description")
        kind = try BoundaryKind(value.value("kind"))
        parameters = try value.optionalList("parameters").map(Parameter.init)
        requires = try value.optionalList("requires").map { try $0.text() }
        let returned = try value.value("returns")
        try returned.allow(["type", "description"])
        returnType = try returned.text("type")
        returns = try returned.text("description")
        behaviour = try Behaviour(value)
    }
}

extension EndpointFunctions {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(Behaviour.keys.union(["returns", "parameters", "kind"]))
        returnType = try value.text("returns")
        kind = try BoundaryKind(value.value("kind"))
        parameters = try value.value("parameters").list().map(Parameter.init)
        behaviour = try Behaviour(value)
    }
}
