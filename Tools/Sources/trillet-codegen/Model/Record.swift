import Yams

/// An object schema that has a name.
struct Record {
    let name: String
    let description: String
    let errorShape: String?
    let assumptions: [String]
    /// Whether the library checks its members before sending.
    let isChecked: Bool
    /// Whether further members are as good as those that are described, even to a strict client.
    let isOpen: Bool
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
    /// Whether it is a file within a multipart body.
    var isFile = false
    /// The values that are known of a text.
    var choices: [String] = []
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
