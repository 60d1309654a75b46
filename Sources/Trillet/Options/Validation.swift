/// What is checked of a request before it is sent.
enum Validation {
    case off
    case on
    /// Also that the operation has each of its fields.
    case strict
}
