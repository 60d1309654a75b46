/// What is to be called: an operation of the table, or an endpoint by method and path.
enum CallTarget {
    case known(Operation)
    /// The text as the host wrote it.
    case raw(Bytes)

    static func named(_ text: Bytes) -> CallTarget {
        for operation in OperationTable.all where text.equals(operation.id) {
            return .known(operation)
        }
        return .raw(text)
    }

    /// As `meta` and the statistics name it.
    var name: Bytes {
        switch self {
        case .known(let operation): operation.id.bytes
        case .raw(let text): RawOperation.shownName(text)
        }
    }

    /// Its place in the statistics: endpoints without a name share the last one.
    var index: Int {
        switch self {
        case .known(let operation): operation.index
        case .raw: OperationTable.all.count
        }
    }

    /// What its answer must be; nil where nothing is known of it.
    var answerKind: AnswerKind? {
        switch self {
        case .known(let operation): operation.answer
        case .raw: nil
        }
    }

    /// What shows whether the service acted on a request whose answer was lost.
    var lookFor: StaticString? {
        switch self {
        case .known(let operation): operation.lookFor
        case .raw: nil
        }
    }

    /// Whether its request holds on to the text that it was made from.
    var keepsRequestText: Bool {
        switch self {
        case .known(let operation): operation.body == .multipart
        case .raw: false
        }
    }

    func makeBuilder(_ options: borrowing RequestOptions) throws(Failure) -> RequestBuilder {
        switch self {
        case .known(let operation):
            return RequestBuilder(operation, style: options.routes, validates: options.validates)
        case .raw(let text):
            let raw = try RawOperation.parse(text)
            return RequestBuilder(raw: raw.method, path: raw.path)
        }
    }
}
