import CTrillet

/// One operation of the service, as the description has it: where it goes and what it takes.
struct Operation: Constant {
    /// Its place in the table.
    let index: Int

    init(at index: Int) {
        self.index = index
    }

    @inline(__always)
    private var entry: UnsafePointer<shim_operation> { shim_operation_at(Int64(index)) }

    var id: Bytes { Bytes(constant: entry.pointee.id) }
    var body: BodyKind { BodyKind(rawValue: entry.pointee.body) ?? .none }
    var answer: AnswerKind { AnswerKind(rawValue: entry.pointee.answer) ?? .json }
    /// Whether its contact file is checked before it is sent.
    var checksContacts: Bool { entry.pointee.checks_contacts != 0 }
    /// Whether its answer can be about one phone call.
    var isAboutCall: Bool { entry.pointee.is_about_call != 0 }
    /// What shows whether the service acted on a request whose answer was lost.
    var lookFor: Bytes? { Bytes(optionalConstant: entry.pointee.look_for) }
    /// The member of a page that has its items; nil for an operation that lists nothing.
    var listMember: Bytes? { Bytes(optionalConstant: entry.pointee.list_member) }
    /// Whether a page is the array of the items itself, without a word on further pages.
    var hasBarePages: Bool { listMember?.equals("[]") == true }
    var fields: Constants<Field> { Constants(entry.pointee.fields) }

    func route(_ style: RouteStyle) -> Route {
        Route(entry: style == .published ? shim_published(entry) : shim_overview(entry))
    }

    /// Whether another path does the same. An update by PUT replaces what one by PATCH merges.
    var hasTwoRoutes: Bool {
        let (overview, published) = (shim_overview(entry).pointee, shim_published(entry).pointee)
        return overview.path.offset != published.path.offset && overview.method == published.method
    }

    var replacesOnPublishedRoute: Bool {
        shim_overview(entry).pointee.method != shim_published(entry).pointee.method
    }

    /// The part of a multipart body that is a file.
    var filePart: FilePart? {
        guard let name = Bytes(optionalConstant: entry.pointee.file_part) else { return nil }
        return FilePart(name: name, contentType: shim_text_at(entry.pointee.file_type.offset))
    }
}

/// Where an operation is on one of the two route styles.
struct Route {
    fileprivate let entry: UnsafePointer<shim_route>

    var method: Method { Method(rawValue: entry.pointee.method) ?? .get }
    /// A path template: `/api/v1/agents/{agentId}`.
    var path: Bytes { Bytes(constant: entry.pointee.path) }
    /// Fields whose content is added to what is there: sent twice, it is there twice, whatever the
    /// method says.
    var appendedFields: Constants<Word> { Constants(entry.pointee.appended_fields) }
}

struct FilePart {
    let name: Bytes
    let contentType: UnsafePointer<CChar>?
}

enum BodyKind: UInt8 {
    case none
    case json
    case multipart
}

enum AnswerKind: UInt8 {
    case json
    /// Text of another type, the CSV template.
    case text
    /// Bytes that are no text, a recording.
    case binary
}

/// A field of an operation's request, by its canonical name.
struct Field: Constant {
    private let entry: UnsafePointer<shim_field>

    init(at index: Int) {
        entry = shim_field_at(Int64(index))
    }

    var name: Bytes { Bytes(constant: entry.pointee.name) }
    /// The field's name on the published route; equal to `name` where the pages do not rename it.
    var publishedName: Bytes { Bytes(constant: entry.pointee.published_name) }
    var place: FieldPlace { FieldPlace(rawValue: entry.pointee.place) ?? .body }
    var type: FieldType { FieldType(rawValue: entry.pointee.type) ?? .any }
    var required: Requirement { Requirement(rawValue: entry.pointee.required) ?? .never }
    /// The members that are checked when the field is an object.
    var members: Constants<Field> { Constants(entry.pointee.members) }
    /// The only values that the service takes; empty where it takes others.
    var choices: Constants<Word> { Constants(entry.pointee.choices) }
}

enum FieldPlace: UInt8 {
    case path
    case query
    /// A member of the JSON body, or a text part of a multipart one.
    case body
    /// The path of a file to stream as the multipart body's file part.
    case filePath
    /// The text to send as the multipart body's file part.
    case fileText
    /// The name that the file part carries.
    case fileName
    /// The path of the file that the answer is written to.
    case downloadPath
}

enum FieldType: UInt8 {
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

enum Requirement: UInt8 {
    case never
    case always
    case onPublishedRoute
}
