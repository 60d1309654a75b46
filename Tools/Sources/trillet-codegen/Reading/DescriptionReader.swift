import Foundation
import Yams

extension Description {
    init(contentsOf url: URL) throws {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            throw DescriptionError(
                place: url.path,
                problem: "cannot be read; give the root of the source tree with --root"
            )
        }
        try self.init(yaml: text)
    }

    init(yaml text: String) throws {
        guard let node = try Yams.compose(yaml: text) else {
            throw DescriptionError(place: "file", problem: "is empty")
        }
        self.root = node
        let root = YAMLValue(node: node, place: "root")
        try root.allow([
            "openapi", "info", "servers", "security", "tags", "paths", "components",
            "x-trillet-library",
        ])
        library = try Library(root.value("x-trillet-library").named("x-trillet-library"))
        resources = try root.value("tags").list().map(Resource.init)
        let schemas = try SchemaReader(root.value("components").named("components"))
        records = try schemas.records()
        let reader = OperationReader(
            components: try root.value("components"),
            schemas: schemas
        )
        let found = try reader.operations(in: root.value("paths"))
        operations = try Description.order(found, by: library.operationIDs)
        try checkResources()
    }

    private static func order(_ found: [Operation], by ids: [String]) throws -> [Operation] {
        for operation in found where !ids.contains(operation.id) {
            throw DescriptionError(
                place: operation.id,
                problem: "is not in x-trillet-library.operations"
            )
        }
        return try ids.map { id in
            let matching = found.filter { $0.id == id }
            guard let operation = matching.first, matching.count == 1 else {
                throw DescriptionError(
                    place: id,
                    problem: "must be the operationId of one operation, not of \(matching.count)"
                )
            }
            return operation
        }
    }

    private func checkResources() throws {
        let known = resources.map(\.name)
        for operation in operations where !known.contains(operation.resource) {
            throw DescriptionError(
                place: operation.id,
                problem: "has the tag '\(operation.resource)', which is not described in tags"
            )
        }
    }
}

extension Resource {
    fileprivate init(_ value: YAMLValue) throws {
        try value.allow(["name", "x-python-class", "description"])
        name = try value.text("name")
        pythonClass = try value.text("x-python-class")
        description = try value.text("description")
    }
}
