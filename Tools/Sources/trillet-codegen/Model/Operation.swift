import Yams

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
    /// Set where it lists something, page by page.
    let list: List?
    /// What shows whether the service acted on a request whose answer was lost.
    let lookFor: String?
    let request: Request
    /// The part of a multipart body that is a file.
    let filePart: FilePart?
    /// In the order path, query, upload, body.
    let fields: [Field]
    /// The request's own schema, whose members are the body's fields.
    let requestRecord: String?
    let requestExample: Node?
    let answer: Answer
    let errors: [ErrorAnswer]
}

struct FilePart {
    let name: String
    let contentType: String
}

struct List {
    /// The member of a page that has the items, a plural: "agents".
    let member: String
    /// Whether a page is the array of the items itself, without a word on further pages.
    let isArray: Bool
    /// What whoever walks over it should know.
    let note: String?
    let item: ValueType
}

struct Field {
    enum Place: String {
        case path, query, filePath, fileText, fileName, downloadPath, body
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
        case json, text, binary
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
