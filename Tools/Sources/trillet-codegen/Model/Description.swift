import Yams

/// What the files in api say, checked and resolved.
struct Description {
    /// The whole of the service's description, as it is written.
    let service: YAMLNode
    var library: Library
    let resources: [Resource]
    /// In the order of the library's own list.
    let operations: [Operation]
    /// The object schemas, in the order they are written.
    let records: [Record]

    func operations(of resource: Resource) -> [Operation] {
        operations.filter { $0.resource == resource.name }
    }

    /// "'agents.list', 'flows.list' or 'batch_calls.list_calls'".
    func listNames(quotedBy mark: String) -> String {
        let names = operations.filter { $0.list != nil }.map { "\(mark)\($0.id)\(mark)" }
        if names.count < 2 { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or \(names[names.count - 1])"
    }

    func record(_ name: String) -> Record? {
        records.first { $0.name == name }
    }
}
