struct Library {
    let version: String
    let abi: Int
    let operationIDs: [String]
    let groups: [Group]
    let guide: [GuideSection]
    let errorTypes: [ErrorType]
    /// The names of members and headers whose value nobody may see.
    let secretNames: [String]
    let clientOptions: [LibraryOption]
    let requestOptions: [LibraryOption]
    let checkOptions: [LibraryOption]
    let handles: [OpaqueHandle]
    let constants: [Constant]
    let callbacks: [Callback]
    let endpoints: EndpointFunctions
    var functions: [Function]

    /// Puts the operations that list something where a summary has {lists}.
    mutating func name(lists: String) {
        for index in functions.indices {
            functions[index].summary.replace("{lists}", with: lists)
        }
    }
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
        case errorTypes, clientOptions, requestOptions, checkOptions
    }

    let title: String
    let text: String
    let table: Table?
}

struct ErrorType {
    let type: String
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
    var summary: String
    let description: String?
    let kind: BoundaryKind
    let returnType: String
    let returns: String
    let parameters: [Parameter]
    /// The members that its request must have.
    let requires: [String]
    let behaviour: Behaviour
}

/// What all endpoint functions have in common.
struct EndpointFunctions {
    let returnType: String
    let kind: BoundaryKind
    let parameters: [Parameter]
    let behaviour: Behaviour
}
