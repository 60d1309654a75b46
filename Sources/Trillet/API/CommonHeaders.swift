import CTrillet

/// What a request is, as far as its header lines depend on it.
struct RequestTraits {
    /// Whether it has a JSON body; a multipart one names its own type.
    let hasJSON: Bool
    /// Whether nothing but JSON can come back.
    let answersJSON: Bool
    /// Whether libcurl could ask for leave to send the body, and wait a second for it.
    let mayBeHeldUp: Bool

    init(body: borrowing RequestBody, answer: AnswerKind?) {
        answersJSON = answer == .json
        switch body {
        case .none:
            hasJSON = false
            mayBeHeldUp = false
        case .json(let json):
            hasJSON = true
            mayBeHeldUp = json.count >= RequestTraits.largeBody
        case .multipart:
            hasJSON = false
            mayBeHeldUp = true
        }
    }

    init(hasJSON: Bool, answersJSON: Bool) {
        self.hasJSON = hasJSON
        self.answersJSON = answersJSON
        mayBeHeldUp = true
    }

    /// Where libcurl began to ask before 7.72, which raised it to a megabyte.
    /// docs/decisions.md, few-header-bytes.
    private static let largeBody = 1024
}

/// The header lists of requests without headers of their own, made once for a client.
struct CommonHeaders: ~Copyable {
    /// In the order of `index`.
    private let lists: InlineArray<4, HeaderList>

    init(client options: ClientOptions) throws(Failure) {
        let headers = RequestHeaders(client: options)
        lists = try InlineArray { (index: Int) throws(Failure) -> HeaderList in
            let traits = RequestTraits(hasJSON: index & 1 != 0, answersJSON: index & 2 != 0)
            return try headers.makeList(for: traits)
        }
    }

    func list(for traits: RequestTraits) -> UnsafeMutablePointer<curl_slist>? {
        let index = (traits.hasJSON ? 1 : 0) + (traits.answersJSON ? 2 : 0)
        return lists[index].lines(for: traits)
    }
}
