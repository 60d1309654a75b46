import Yams

/// What api/trillet.yaml says, checked and resolved.
struct Description {
    /// The whole of it, as it is written.
    let root: YAMLNode
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

struct Library {
    let version: String
    let abi: Int
    let operationIDs: [String]
    let groups: [Group]
    let guide: [GuideSection]
    let errorTypes: [ErrorType]
    let clientOptions: [LibraryOption]
    let requestOptions: [LibraryOption]
    let handles: [OpaqueHandle]
    let constants: [Constant]
    let callbacks: [Callback]
    let endpoints: EndpointFunctions
    let functions: [Function]
}

struct Group {
    let name: String
    let title: String
    let description: String
    /// Whether the header has it after the operations instead of before them.
    let followsOperations: Bool
}

/// A type that the host only has pointers to.
struct OpaqueHandle {
    let name: String
    let description: String
}

/// A number that has a name.
struct Constant {
    let name: String
    let value: Int
    let description: String
}

/// The type of a function that the host gives to the library.
struct Callback {
    let name: String
    let returnType: String
    let summary: String
    let description: String
    let parameters: [(type: String, name: String)]
}

struct GuideSection {
    enum Table: String {
        case errorTypes, clientOptions, requestOptions
    }

    let title: String
    let text: String
    let table: Table?
}

struct ErrorType {
    let type: String
    let description: String
}

struct LibraryOption {
    let name: String
    let type: String
    let defaultValue: String
    let unit: String?
    let description: String
}

/// What a reader of a C function must know beyond its parameters.
struct Behaviour {
    let ownership: String
    let threadSafety: String
    let blocking: String
    let since: String
}

/// How a value crosses the C boundary, in the words of the bindings.
enum BoundaryKind: String {
    case ownedText = "owned_text"
    case staticText = "static_text"
    case handle
    case text
    case int32
    case uint64
    case size
    case void
    case callback
    case textOut = "text_out"
    case uint64Out = "uint64_out"
}

struct Parameter {
    let name: String
    let type: String
    let kind: BoundaryKind
    let description: String
}

/// A function of the library that is no endpoint.
struct Function {
    let name: String
    let group: String
    let summary: String
    let description: String?
    let kind: BoundaryKind
    let returnType: String
    let returns: String
    let parameters: [Parameter]
    let behaviour: Behaviour
}

/// What all endpoint functions have in common.
struct EndpointFunctions {
    let returnType: String
    let kind: BoundaryKind
    let parameters: [Parameter]
    let behaviour: Behaviour
}

struct Resource {
    let name: String
    let pythonClass: String
    let description: String
}

struct Route {
    let method: String
    let path: String
    /// Fields whose content is added to what is there: sent twice, it is there twice, whatever the
    /// method says.
    var appendedFields: [String] = []

    var line: String { "\(method.uppercased()) \(path)" }
}

struct Operation {
    enum Request: String {
        case none, json, multipart
    }

    let id: String
    let resource: String
    let summary: String
    let description: String?
    let source: String
    let assumptions: [String]
    let overview: Route
    let published: Route
    let publishedSource: String
    /// Whether its contact file is checked before it is sent.
    let checksContacts: Bool
    /// What shows whether the service acted on a request whose answer was lost.
    let lookFor: String?
    let request: Request
    /// In the order path, query, upload, body.
    let fields: [Field]
    /// The request's own schema, whose members are the body's fields.
    let requestRecord: String?
    let requestExample: Node?
    let answer: Answer
    let errors: [ErrorAnswer]
}

struct Field {
    enum Place: String {
        case path, query, filePath, fileText, fileName, body
    }

    enum Requirement: String {
        case never, always, onPublishedRoute
    }

    let place: Place
    let publishedName: String
    let member: Member
    let required: Requirement

    var name: String { member.name }
}

struct Answer {
    enum Kind: String {
        case json, text
    }

    let status: Int
    let kind: Kind
    let description: String
    /// The shapes that can come, the usual one first.
    let shapes: [ValueType]
    let example: Node
}

struct ErrorAnswer {
    let status: Int
    let description: String
    let record: String
    let assumptions: [String]
    /// Whether the operation says more about it than the shared response does.
    let isParticular: Bool
    let example: Node
}

/// An object schema that has a name.
struct Record {
    let name: String
    let description: String
    let errorShape: String?
    let assumptions: [String]
    /// Whether the library checks its members before sending.
    let isChecked: Bool
    let members: [Member]
}

struct Member {
    let name: String
    let type: ValueType
    let isRequired: Bool
    let description: String
    let assumptions: [String]
    let isPublishedOnly: Bool
    let example: Node?
}

indirect enum ValueType: Equatable {
    case any
    case string
    case phoneNumber
    case integer
    case number
    case boolean
    case list(ValueType)
    case record(String)
    case map(ValueType)
    case union([ValueType])
    case nullable(ValueType)
}
