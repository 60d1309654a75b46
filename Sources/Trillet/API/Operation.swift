/// One operation of the service, as the description has it: where it goes and what it takes.
///
/// It is an object so that a call holds it by one reference.
final class Operation: Sendable {
    /// Its place in the table.
    let index: Int
    let id: StaticString
    let overview: Route
    let published: Route
    let body: BodyKind
    let answer: AnswerKind
    let fields: [Field]

    init(
        index: Int,
        id: StaticString,
        overview: Route,
        published: Route,
        body: BodyKind,
        answer: AnswerKind = .json,
        fields: [Field]
    ) {
        self.index = index
        self.id = id
        self.overview = overview
        self.published = published
        self.body = body
        self.answer = answer
        self.fields = fields
    }
}

/// Where an operation is on one of the two route styles.
struct Route: Sendable {
    let method: Method
    /// A path template: `/api/v1/agents/{agentId}`.
    let path: StaticString
    /// Fields whose content is added to what is there: sent twice, it is there twice, whatever the
    /// method says.
    var appendedFields: [StaticString] = []
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
}

/// A field of an operation's request, by its canonical name.
final class Field: Sendable {
    let name: StaticString
    /// The field's name on the published route; equal to `name` where the pages do not rename it.
    let publishedName: StaticString
    let place: FieldPlace
    let type: FieldType
    let required: Requirement
    /// The members that are checked when the field is an object.
    let members: [Field]

    init(
        name: StaticString,
        publishedName: StaticString,
        place: FieldPlace,
        type: FieldType,
        required: Requirement,
        members: [Field] = []
    ) {
        self.name = name
        self.publishedName = publishedName
        self.place = place
        self.type = type
        self.required = required
        self.members = members
    }
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
