/// What is to be called: an operation of the table, or an endpoint by method and path.
enum RequestTarget {
    /// The operation's place in the table: an operation itself is large, and a call passes its
    /// target on many times.
    case known(index: Int)
    /// The text as the host wrote it.
    case raw(Bytes)

    static func known(_ operation: Operation) -> RequestTarget { .known(index: operation.index) }

    static func named(_ text: Bytes) -> RequestTarget {
        for index in OperationTable.all.indices where text.equals(OperationTable.all[index].id) {
            return .known(index: index)
        }
        return .raw(text)
    }

    /// As `meta` and the statistics name it.
    var name: Bytes {
        switch self {
        case .known(let index): OperationTable.all[index].id
        case .raw(let text): RawOperation.shownName(text)
        }
    }

    /// Its place in the statistics: endpoints without a name share the last one.
    var index: Int {
        switch self {
        case .known(let index): index
        case .raw: OperationTable.all.count
        }
    }

    /// What its answer must be; nil where nothing is known of it.
    var answerKind: AnswerKind? {
        switch self {
        case .known(let index): OperationTable.all[index].answer
        case .raw: nil
        }
    }

    /// Whether its answer can be about one phone call. Other answers are not searched for its id.
    var isAboutCall: Bool {
        switch self {
        case .known(let index): OperationTable.all[index].isAboutCall
        case .raw: true
        }
    }

    var replacesOnPublishedRoute: Bool {
        switch self {
        case .known(let index): OperationTable.all[index].replacesOnPublishedRoute
        case .raw: false
        }
    }

    /// What shows whether the service acted on a request whose answer was lost.
    var lookFor: Bytes? {
        switch self {
        case .known(let index): OperationTable.all[index].lookFor
        case .raw: nil
        }
    }

    /// Whether its request holds on to the text that it was made from.
    var keepsRequestText: Bool {
        switch self {
        case .known(let index): OperationTable.all[index].body == .multipart
        case .raw: false
        }
    }

    @inline(__always)
    func makeBuilder(_ style: RouteStyle, validation: Validation) throws(Failure) -> RequestBuilder
    {
        switch self {
        case .known(let index):
            return RequestBuilder(
                OperationTable.all[index],
                style: style,
                validation: validation
            )
        case .raw(let text):
            let raw = try RawOperation.parse(text)
            return RequestBuilder(raw: raw.method, path: raw.path)
        }
    }
}
