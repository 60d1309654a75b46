/// One operation of the service, as the description has it: where it goes and what it takes.
///
/// Lists that are empty are nil: the table of operations is a constant that way.
struct Operation: Sendable {
    /// Its place in the table.
    let index: Int
    let id: StaticString
    let overview: Route
    let published: Route
    let body: BodyKind
    var answer: AnswerKind = .json
    /// Whether its contact file is checked before it is sent.
    var checksContacts = false
    var filePart: FilePart? = nil
    /// What shows whether the service acted on a request whose answer was lost.
    var lookFor: StaticString? = nil
    var fields: [Field]? = nil
}

/// Where an operation is on one of the two route styles.
struct Route: Sendable {
    let method: Method
    /// A path template: `/api/v1/agents/{agentId}`.
    let path: StaticString
    /// Fields whose content is added to what is there: sent twice, it is there twice, whatever the
    /// method says.
    var appendedFields: [StaticString]? = nil
}

/// The part of a multipart body that is a file.
struct FilePart: Sendable {
    let name: StaticString
    let contentType: StaticString
}

enum BodyKind: Sendable {
    case none
    case json
    case multipart
}

enum AnswerKind: Sendable {
    case json
    /// Text of another type, the CSV template.
    case text
    /// Bytes that are no text, a recording.
    case binary
}

/// A field of an operation's request, by its canonical name.
struct Field: Sendable {
    let name: StaticString
    /// The field's name on the published route; equal to `name` where the pages do not rename it.
    let publishedName: StaticString
    let place: FieldPlace
    let type: FieldType
    let required: Requirement
    /// The members that are checked when the field is an object.
    var members: [Field]? = nil
}

enum FieldPlace: Sendable {
    case path
    case query
    /// A member of the JSON body, or a text part of a multipart one.
    case body
    /// The path of a file to stream as the multipart body's `file` part.
    case filePath
    /// The text to send as the multipart body's `file` part.
    case fileText
    /// The name that the `file` part carries.
    case fileName
    /// The path of the file that the answer is written to.
    case downloadPath
}

enum FieldType: Sendable {
    case any
    case string
    case phoneNumber
    case integer
    case number
    case boolean
    case object
    case array
    /// An object, or a string that holds one as JSON text.
    case objectOrText
}

enum Requirement: Sendable {
    case never
    case always
    case onPublishedRoute
}
