import Yams

/// What the files in api say, checked and resolved.
struct Description {
    /// The whole of the service's description, as it is written.
    let service: YAMLNode
    let library: Library
    let resources: [Resource]
    /// In the order of the library's own list.
    let operations: [Operation]
    /// The object schemas, in the order they are written.
    let records: [Record]

    func operations(of resource: Resource) -> [Operation] {
        operations.filter { $0.resource == resource.name }
    }

    func record(_ name: String) -> Record? {
        records.first { $0.name == name }
    }
}
