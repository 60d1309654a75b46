import CTrillet

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
