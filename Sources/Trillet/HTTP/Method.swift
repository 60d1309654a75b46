enum Method: UInt8, Sendable {
    case get
    case post
    case put
    case patch
    case delete

    static let all: [Method] = [.get, .post, .put, .patch, .delete]

    var name: StaticString {
        switch self {
        case .get: "GET"
        case .post: "POST"
        case .put: "PUT"
        case .patch: "PATCH"
        case .delete: "DELETE"
        }
    }

    var hasBody: Bool {
        switch self {
        case .post, .put, .patch: true
        case .get, .delete: false
        }
    }

    /// Whether doing it twice is the same as doing it once, by RFC 9110.
    var isRepeatable: Bool {
        switch self {
        case .get, .put, .delete: true
        case .post, .patch: false
        }
    }
}
