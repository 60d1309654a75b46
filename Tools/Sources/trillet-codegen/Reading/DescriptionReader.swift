import Foundation
import Yams

/// A file of the description.
enum DescriptionFile: String, CaseIterable {
    /// The OpenAPI description of the service.
    case service = "trillet.yaml"
    /// What the library adds to it.
    case library = "library.yaml"

    /// Below the root of the source tree.
    var path: String { "api/\(rawValue)" }

    fileprivate func value(_ text: String) throws -> YAMLValue {
        guard let node = try Yams.compose(yaml: text) else {
            throw DescriptionError(place: path, problem: "is empty")
        }
        return YAMLValue(node: node, file: self, place: "root")
    }
}

extension Description {
    /// Reads the description of a source tree.
    init(root: URL) throws {
        func text(_ file: DescriptionFile) throws -> String {
            let url = root.appendingPathComponent(file.path)
            guard let text = try? String(contentsOf: url, encoding: .utf8) else {
                throw DescriptionError(
                    place: url.path,
                    problem: "cannot be read; give the root of the source tree with --root"
                )
            }
            return text
        }
        try self.init(service: text(.service), library: text(.library))
    }

    init(service serviceText: String, library libraryText: String) throws {
        let root = try DescriptionFile.service.value(serviceText)
        service = root.node
        try root.allow([
            "openapi", "info", "servers", "security", "tags", "paths", "components",
        ])
        library = try Library(DescriptionFile.library.value(libraryText))
        resources = try root.value("tags").list().map(Resource.init)
        let schemas = try SchemaReader(root.value("components").named("components"))
        records = try schemas.records()
        let reader = OperationReader(
            components: try root.value("components"),
            schemas: schemas
        )
        let found = try reader.operations(in: root.value("paths"))
        operations = try Description.order(found, by: library.operationIDs)
        library.name(lists: listNames(quotedBy: "`"))
        try checkResources()
    }

    private static func order(_ found: [Operation], by ids: [String]) throws -> [Operation] {
        for operation in found where !ids.contains(operation.id) {
            throw DescriptionError(
                place: operation.id,
                problem: "is not in the operations of \(DescriptionFile.library.path)"
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
