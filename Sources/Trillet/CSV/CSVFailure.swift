extension Failure {
    /// About a text that is no table to read.
    static func csv(_ code: Message, _ message: Message) -> Failure {
        var failure = Failure.invalidArgument(message, field: "csv")
        failure.code = code
        return failure
    }
}
